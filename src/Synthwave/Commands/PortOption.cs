using System.CommandLine;
using System.Globalization;
using System.Net;

namespace Synthwave.Commands;

/// <summary>An option that takes a port. Stateless.</summary>
internal static class PortOption
{
    /// <summary>Makes an option take ports from <paramref name="min"/> on, and say in words what is none.</summary>
    public static Option<T> Of<T>(Option<T> option, int min)
    {
        option.CustomParser = parsed =>
        {
            var said = parsed.Tokens[0].Value;
            if (int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port >= min && port <= IPEndPoint.MaxPort)
            {
                return (T)(object)port;
            }

            parsed.AddError($"{option.Name} must be a whole number from {min} to {IPEndPoint.MaxPort}; found '{said}'.");
            return default!; // Nobody reads it: an error ends the command.
        };
        return option;
    }
}
