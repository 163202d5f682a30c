using System.Net;
using Synthwave.Configuration;

namespace Synthwave.Upstreams.Connections;

/// <summary>The proxies that the environment names, with the user and password of their URLs. Immutable.</summary>
internal sealed class EnvironmentProxy : IWebProxy, ICredentials
{
    private readonly ProxyVariables _variables;

    private EnvironmentProxy(ProxyVariables variables) => _variables = variables;

    public ICredentials? Credentials
    {
        get => this;
        set => throw new NotSupportedException("The environment's URLs hold the credentials.");
    }

    /// <summary>Null = the environment names none.</summary>
    public static EnvironmentProxy? Read(Func<string, string?> environment) =>
        ProxyVariables.Read(environment) is { AreSet: true } variables ? new EnvironmentProxy(variables) : null;

    public Uri? GetProxy(Uri destination) => _variables.For(destination);

    public bool IsBypassed(Uri host) => _variables.For(host) is null;

    public NetworkCredential? GetCredential(Uri uri, string authType) => ProxyCredentials.Of(uri);
}
