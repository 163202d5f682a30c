namespace Synthwave.Telemetry.Conventions;

/// <summary>
/// Names of the OpenTelemetry semantic conventions for generative AI (status: development, as of version 1.38 of the conventions) and the few
/// general ones used beside them. They still move: this is the only place that spells them.
/// </summary>
internal static class GenAi
{
    /// <summary>Values of <see cref="OperationName"/>.</summary>
    public static class Operations
    {
        public const string Chat = "chat";
        public const string Embeddings = "embeddings";
        public const string InvokeWorkflow = "invoke_workflow";
    }

    public static class TokenTypes
    {
        public const string Input = "input";
        public const string Output = "output";
    }

    public static class Metrics
    {
        public const string OperationDuration = "gen_ai.client.operation.duration";
        public const string TokenUsage = "gen_ai.client.token.usage";
        public const string TimeToFirstChunk = "gen_ai.client.operation.time_to_first_chunk";
        public const string TimePerOutputChunk = "gen_ai.client.operation.time_per_output_chunk";
    }

    public const string OperationName = "gen_ai.operation.name";
    public const string ProviderName = "gen_ai.provider.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string FinishReasons = "gen_ai.response.finish_reasons";
    public const string WorkflowName = "gen_ai.workflow.name";
    public const string TokenType = "gen_ai.token.type";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CachedInputTokens = "gen_ai.usage.cache_read.input_tokens";

    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string HttpMethod = "http.request.method";
    public const string HttpRoute = "http.route";
    public const string HttpStatus = "http.response.status_code";
    public const string UrlPath = "url.path";
    public const string UrlScheme = "url.scheme";
}
