using System.Text.Json;
using Synthwave.Chat;
using Synthwave.Json;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Members that make the rest of a request mean something else: a thread stands for messages that are not sent, a compaction asks for a summary in place of
/// an answer. No conversation is kept here, and a chat model has no summaries of that kind, so they are refused in the API's own form, upon which clients
/// go on without.
/// </summary>
internal static class MessagesThread
{
    /// <summary>Null = there is none of them.</summary>
    /// <param name="root">The request.</param>
    /// <param name="scope">Whom it goes to: one Anthropic model makes its summaries itself.</param>
    public static GatewayError? Check(JsonElement root, MessagesScope scope)
    {
        if (root.Has("thread"u8, out _))
        {
            return GatewayError.BadRequest("thread_unsupported_request", "Message threads are not kept here. Send the full conversation without thread.", "thread") with
            {
                Details = "{\"error_code\":\"thread_unsupported_request\",\"unsupported\":[\"thread\"]}",
            };
        }

        return root.Has("compaction"u8, out _) && !scope.IsOne
            ? GatewayError.BadRequest("unsupported_feature", "Conversations are not summarised on request here. Send the request without compaction.", "compaction")
            : null;
    }
}
