using System.Globalization;

namespace Synthwave.TestKit;

/// <summary>
/// Runs a test's body with many seeds, new ones each run. A failure names the seed; <c>SYNTHWAVE_TEST_SEED</c> set to it runs that one case again.
/// </summary>
public static class Seeded
{
    public const string Variable = "SYNTHWAVE_TEST_SEED";

    public static void Run(int cases, Action<Random> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        foreach (var seed in Seeds(cases))
        {
            try
            {
                body(new Random(seed));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw Failure(seed, e);
            }
        }
    }

    public static async Task RunAsync(int cases, Func<Random, Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        foreach (var seed in Seeds(cases))
        {
            try
            {
                await body(new Random(seed));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw Failure(seed, e);
            }
        }
    }

    private static IEnumerable<int> Seeds(int cases)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text)
        {
            return [int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)];
        }

        var first = Random.Shared.Next();
        return Enumerable.Range(0, cases).Select(i => unchecked(first + i));
    }

    private static InvalidOperationException Failure(int seed, Exception e) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Failed with {Variable}={seed}: {e.Message}"), e);
}
