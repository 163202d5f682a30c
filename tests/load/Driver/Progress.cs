namespace Synthwave.Load.Driver;

/// <summary>Says on standard error what is going on; standard output is the report's.</summary>
internal static class Progress
{
    public static void Say(string text) => Console.Error.WriteLine($"  {text}");
}
