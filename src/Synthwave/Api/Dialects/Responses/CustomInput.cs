using System.Buffers;
using System.Text;
using System.Text.Json;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// Takes the free text of a custom tool's call out of the arguments <c>{"input":"…"}</c> a chat model wrote, piece by piece, cut anywhere. Arguments of
/// another shape are the text themselves, unless they turn out to hold the input after all. Escapes no JSON knows stay as they were written; a surrogate pair
/// is given whole. Total.
/// </summary>
internal sealed class CustomInput
{
    private const string Head = "{\"input\":\"";

    private readonly StringBuilder _held = new();
    private State _state;
    private int _matched;
    private string _digits = "";
    private char _half;

    private enum State
    {
        /// <summary>Within <see cref="Head"/>; what was read is held.</summary>
        Head,

        /// <summary>Within the string.</summary>
        Text,

        /// <summary>Behind a backslash.</summary>
        Escape,

        /// <summary>Behind <c>\u</c> and some digits.</summary>
        Unicode,

        /// <summary>Behind the string: nothing more is said.</summary>
        Over,

        /// <summary>No JSON: the text itself.</summary>
        Plain,

        /// <summary>JSON of another shape, judged at its end; what was read is held.</summary>
        Other,
    }

    /// <summary>Nothing of the text is certain yet, and all that comes is held.</summary>
    public bool IsHolding => _state is State.Head or State.Other;

    /// <summary>Takes a piece of the arguments and gives what of the text is certain.</summary>
    public void Append(ReadOnlySpan<char> arguments, IBufferWriter<char> output)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (_state is State.Plain)
            {
                Give(arguments[i..], output);
                return;
            }

            if (_state is State.Other)
            {
                _held.Append(arguments[i..]);
                return;
            }

            Take(arguments[i], output);
        }
    }

    /// <summary>The arguments are over: gives what was held.</summary>
    public void Complete(IBufferWriter<char> output)
    {
        if (_state is State.Head or State.Other)
        {
            var arguments = _held.ToString();
            using var document = JsonReading.TryDocument(Encoding.UTF8.GetBytes(arguments));
            Give(document is null ? arguments : Find(document.RootElement) ?? arguments, output);
        }

        _state = State.Over;
        if (_half != '\0')
        {
            output.Write([_half]);
            _half = '\0';
        }
    }

    private static string? Find(JsonElement arguments) =>
        arguments.ValueKind is JsonValueKind.String ? arguments.Text()
        : arguments.Has("input"u8, JsonValueKind.String, out var input) ? input.Text()
        : null;

    private void Take(char c, IBufferWriter<char> output)
    {
        switch (_state)
        {
            case State.Head:
                TakeHead(c, output);
                break;
            case State.Text when c is '"':
                _state = State.Over;
                break;
            case State.Text when c is '\\':
                _state = State.Escape;
                break;
            case State.Text:
                Give([c], output);
                break;
            case State.Escape when c is 'u':
                (_state, _digits) = (State.Unicode, "");
                break;
            case State.Escape:
                _state = State.Text;
                TakeEscape(c, output);
                break;
            case State.Unicode when char.IsAsciiHexDigit(c):
                _digits += c;
                if (_digits.Length == 4)
                {
                    Give([(char)Convert.ToInt32(_digits, 16)], output);
                    _state = State.Text;
                }

                break;
            case State.Unicode:
                Give("\\u", output);
                Give(_digits, output);
                _state = State.Text;
                Take(c, output);
                break;
        }
    }

    private void TakeHead(char c, IBufferWriter<char> output)
    {
        _held.Append(c);
        if (c == Head[_matched])
        {
            _matched++;
            _state = _matched == Head.Length ? State.Text : State.Head;
        }
        else if (_matched == 0 && c is not ('"' or ' ' or '\t' or '\r' or '\n'))
        {
            _state = State.Plain;
            Give(_held.ToString(), output);
        }
        else if (!(c is ' ' or '\t' or '\r' or '\n' && _matched is 0 or 1 or 8 or 9))
        {
            _state = State.Other;
        }
    }

    private void TakeEscape(char c, IBufferWriter<char> output)
    {
        var plain = c switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', '"' or '\\' or '/' => c, _ => '\0' };
        Give(plain != '\0' ? [plain] : ['\\', c], output);
    }

    private void Give(ReadOnlySpan<char> text, IBufferWriter<char> output)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (_half != '\0')
        {
            output.Write([_half]);
            _half = '\0';
        }

        if (char.IsHighSurrogate(text[^1]))
        {
            _half = text[^1];
            text = text[..^1];
        }

        output.Write(text);
    }
}
