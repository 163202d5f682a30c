using System.Collections.Immutable;
using Synthwave.Configuration;
using Synthwave.Routing;

namespace Synthwave.Api.Dialects.Messages;

/// <summary>
/// Whom a Messages request goes to, as far as it decides what can be said to them, and what was left out on the way. Who speaks the API and is sent the
/// conversation as it came gets blocks and tools as they came; whoever else gets what a chat can say. In an ensemble all are asked the same, so that
/// drafts can be compared: what a chat can say. Used by one request's flow.
/// </summary>
/// <param name="isOwn">Whether some of them get blocks and tools as they came.</param>
/// <param name="isAll">Whether all of them speak the API.</param>
/// <param name="isOne">Whether it is one model.</param>
internal sealed class MessagesScope(bool isOwn, bool isAll, bool isOne = false)
{
    private const int MostNames = 64;

    private readonly ImmutableArray<string>.Builder _ignored = ImmutableArray.CreateBuilder<string>();

    public bool IsOwn { get; } = isOwn;

    /// <summary>One model is asked, as it would be without a gateway.</summary>
    public bool IsOne { get; } = isOwn && isAll && isOne;

    /// <summary>Whether somebody is given tools that no chat has: calls of theirs may have any name.</summary>
    public bool HasOwnTools { get; private set; }

    /// <summary>What somebody is not told, in the client's words.</summary>
    public ImmutableArray<string> Ignored => _ignored.ToImmutable();

    public static MessagesScope Of(string target, GatewayRuntime runtime)
    {
        if (runtime.Names.Resolve(target).Callable is not { } profile)
        {
            return new MessagesScope(false, false);
        }

        var speakers = profile.Members.Count(m => runtime.Upstreams[m].Config.Protocol is UpstreamProtocol.Anthropic);
        return new MessagesScope(profile.PassesOn && speakers > 0, speakers == profile.Members.Length, profile.Members.Length == 1);
    }

    /// <summary>A tool that a chat has no word for.</summary>
    public void LeaveOutTool(string name)
    {
        HasOwnTools = IsOwn;
        LeaveOut(name);
    }

    /// <summary>A block that a chat has no word for.</summary>
    public void LeaveOut(string name)
    {
        if (!(IsOwn && isAll))
        {
            Note(name);
        }
    }

    /// <summary>A member of the request that only Anthropic's models are given.</summary>
    public void LeaveOutMember(string name)
    {
        if (!isAll)
        {
            Note(name);
        }
    }

    private void Note(string name)
    {
        if (_ignored.Count < MostNames && !_ignored.Contains(name, StringComparer.Ordinal))
        {
            _ignored.Add(name);
        }
    }
}
