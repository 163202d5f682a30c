using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Synthwave.Json;

namespace Synthwave.Commands;

/// <summary><c>synthwave token</c>: one random token for clients, and how to put it to use. Nothing is kept or written anywhere.</summary>
internal static class TokenCommand
{
    /// <summary>The variable that the printed lines use.</summary>
    public const string Variable = "SYNTHWAVE_TOKEN";

    // Letters and digits alone survive every shell, URL and file. 43 of them hold 256 bits.
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 43;

    /// <summary>Exit code 0.</summary>
    /// <param name="json">One JSON object instead of words.</param>
    /// <param name="tokenOnly">The token and nothing else, for <c>$(synthwave token)</c>.</param>
    /// <param name="output">Standard output.</param>
    public static async Task<int> RunAsync(bool json, bool tokenOnly, TextWriter output)
    {
        var token = RandomNumberGenerator.GetString(Alphabet, Length);
        var setting = $"bearer_token_env = \"{Variable}\"";
        if (json)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = JsonWriting.To(buffer))
            {
                writer.WriteStartObject();
                writer.WriteString("token", token);
                writer.WriteString("variable", Variable);
                writer.WriteString("table", "server");
                writer.WriteString("setting", setting);
                writer.WriteEndObject();
            }

            await output.WriteLineAsync(Encoding.UTF8.GetString(buffer.WrittenSpan));
        }
        else if (tokenOnly)
        {
            await output.WriteLineAsync(token);
        }
        else
        {
            await output.WriteAsync($"""
                {token}

                Put it to use with two lines, the first where the gateway is started, the second under [server] of its configuration:

                  export {Variable}={token}
                  {setting}

                Clients send it as their API key. It is not kept anywhere: copy it now, or make another one.

                """);
        }

        return ExitCodes.Ok;
    }
}
