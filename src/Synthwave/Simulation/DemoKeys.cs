using Synthwave.Configuration.Schema;

namespace Synthwave.Simulation;

/// <summary>The keys of the file with the demo's texts.</summary>
internal static class DemoKeys
{
    public static readonly TextKey Ask = new("ask", "the question as it is suggested") { NotEmpty = true };
    public static readonly TextListKey Also = new("also", "other ways to ask it");
    public static readonly TextListKey Needs = new("needs", "words, alternatives separated by a bar, without which it is another question");
    public static readonly TextListKey Votes = new("votes", "yes or no of sim-quick, sim-careful and sim-bold");
    public static readonly TextKey Synthesis = new("synthesis", "the answer written from the three drafts") { NotEmpty = true };

    /// <summary>In the order of the votes, with the model each belongs to.</summary>
    public static readonly (string Model, TextKey Key)[] ByModel =
    [
        (DemoNames.Quick, new TextKey("quick", "of sim-quick") { NotEmpty = true }),
        (DemoNames.Careful, new TextKey("careful", "of sim-careful") { NotEmpty = true }),
        (DemoNames.Bold, new TextKey("bold", "of sim-bold") { NotEmpty = true }),
    ];

    public static readonly TableSchema OnlySchema = new("only", [.. ByModel.Select(m => m.Key)]);
    public static readonly TableKey Only = new("only", "what only one draft has", OnlySchema);
    public static readonly TableSchema Question = new("[[questions]]", [Ask, Also, Needs, Votes, Only, Synthesis, .. ByModel.Select(m => m.Key)]);
    public static readonly TableSchema OtherwiseSchema = new("[otherwise]", [Synthesis, .. ByModel.Select(m => m.Key)]);
    public static readonly TableListKey Questions = new("questions", "what the models can answer");
    public static readonly TableKey Otherwise = new("otherwise", "what they say to everything else", OtherwiseSchema);
    public static readonly TableSchema Root = new("the top level", Questions, Otherwise);
}
