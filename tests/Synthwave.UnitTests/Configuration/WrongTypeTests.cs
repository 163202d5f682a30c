using Synthwave.Configuration.Profiles;
using Synthwave.Configuration.Schema;
using Synthwave.Configuration.Tables;

namespace Synthwave.UnitTests.Configuration;

public class WrongTypeTests
{
    private static readonly string[] Values = ["true", "1", "-1", "1.5", "nan", "\"\"", "\"x\"", "[]", "[1]", "[\"x\"]", "{}", "{ a = 1 }", "1979-05-27", "\"$NAME\"", "\"sk-0123456789abcdef\""];

    // Every key of every table with a value of every kind: what is refused is refused at its place and in an operator's words.
    [Fact]
    public void No_key_answers_a_wrong_value_with_words_of_the_code()
    {
        (string Header, TableSchema Schema)[] tables =
        [
            ("[server]", ServerTable.Keys), ("[features]", FeaturesTable.Keys), ("[upstreams.u]", UpstreamTable.Keys),
            .. ProfileKinds.All.Select(k => ($"[profiles.p]\ntype = \"{k.Word}\"", k.Schema)),
            ("[vision]", ModalityTables.Vision), ("[video]", ModalityTables.Video), ("[audio]", ModalityTables.Audio),
        ];
        var tried = 0;
        foreach (var (header, schema) in tables)
        {
            foreach (var key in schema.Keys.Where(k => k.Name != "type"))
            {
                foreach (var value in Values)
                {
                    var result = Loading.Load($"{header}\n{key.Name} = {value}\n");
                    foreach (var problem in result.Errors.Concat(result.Warnings))
                    {
                        problem.Line.Should().BePositive("{0} {1} = {2}: {3}", header, key.Name, value, problem);
                        problem.ToString().Should().NotMatchRegex("Toml|System\\.|Synthwave\\.|Int32|Int64|Boolean|Exception|sk-0123", "{0} {1} = {2}", header, key.Name, value);
                    }

                    tried++;
                }
            }
        }

        tried.Should().BeGreaterThan(1000);
    }
}
