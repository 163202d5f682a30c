namespace Synthwave.Chat.Requests;

/// <summary>
/// Keeps the schema problem that comes first in the order of <see cref="RequestField"/>, whatever the order in which problems are met.
/// </summary>
internal struct RequestProblem
{
    private RequestField _field;

    /// <summary>The problem to report; null = none so far.</summary>
    public GatewayError? First { get; private set; }

    /// <summary>Whether a problem of this field would be the first. Ask before building a text.</summary>
    public readonly bool Admits(RequestField field) => First is null || field < _field;

    public void Report(RequestField field, string param, string message)
    {
        if (!Admits(field))
        {
            return;
        }

        _field = field;
        First = GatewayError.BadRequest(code: null, message, param);
    }
}
