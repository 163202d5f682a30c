namespace Synthwave.Upstreams.Faults;

/// <summary>
/// What the words of an error mean, whatever status they came with: providers share few codes, and say the same in a dozen ways. Pure.
/// </summary>
/// <remarks>Wordings as OpenAI, Azure, Anthropic, Google, Mistral, xAI, Groq, DeepSeek, Moonshot, Alibaba, Zhipu, OpenRouter, vLLM, SGLang, TGI, llama.cpp, LM Studio and Ollama send them.</remarks>
internal static class FaultWords
{
    // The first rule that fits decides. Lower case; all parts of a rule must occur.
    private static readonly (UpstreamFaultKind Kind, string[][] Rules)[] Table =
    [
        (UpstreamFaultKind.RateLimited, [["please retry in"], ["try again in"], ["too many tokens, please wait"]]),
        (UpstreamFaultKind.QuotaWindow, [["perday"], ["per-day"]]),
        (UpstreamFaultKind.Billing,
        [
            ["insufficient_quota"], ["exceeded your current quota"], ["credit balance"], ["insufficient balance"], ["insufficient credit"], ["insufficient fund"], ["insufficient_balance"],
            ["requires more credits"], ["can only afford"], ["out of credit"], ["no credits"], ["payment required"], ["payment_required"], ["billing_hard_limit"], ["billing_not_active"],
            ["billing hard limit"], ["billing details"], ["enable billing"], ["specified api usage limits"], ["spend limit"], ["spending limit"], ["account is in arrears"], ["arrearage"],
            ["quota used up"], ["account is not active"], ["余额不足"], ["欠费"], ["credits exhausted"], ["exhausted your", "credit"],
        ]),
        (UpstreamFaultKind.QuotaWindow,
        [
            ["requests per day"], ["tokens per day"], ["daily limit"], ["daily quota"], ["weekly limit"], ["monthly limit"], ["usage limit reached"], ["usage limit has been reached"],
            ["usage_limit_reached"], ["hit your usage limit"], ["session limit"], ["5-hour limit"], ["5 hour limit"], ["limit will reset"],
        ]),
        (UpstreamFaultKind.RateLimited,
        [
            ["rate limit"], ["rate_limit"], ["ratelimit"], ["too many requests"], ["tokens per minute"], ["requests per minute"], ["(tpm)"], ["(rpm)"], ["resource_exhausted"],
            ["resource exhausted"],
        ]),
        (UpstreamFaultKind.Region,
        [
            ["user location is not supported"], ["unsupported_country_region_territory"], ["country, region, or territory"], ["not available in your country"], ["not available in your region"],
            ["not supported in your country"], ["not supported in your region"], ["not available in this region"], ["unsupported region"], ["region is not supported"],
        ]),
        (UpstreamFaultKind.Unauthorized,
        [
            ["api key not valid"], ["api_key_invalid"], ["invalid_api_key"], ["invalid api key"], ["invalid api-key"], ["incorrect api key"], ["api key expired"], ["api key is invalid"],
            ["api key is not valid"], ["api key has been disabled"], ["no api key"], ["missing api key"], ["did not provide an api key"], ["invalid x-api-key"], ["authentication_error"],
            ["authentication failed"], ["authentication fails"], ["invalid authentication"], ["invalid credentials"], ["no auth credentials"], ["invalid bearer token"], ["token expired"],
            ["key_deleted"], ["organization has been disabled"],
        ]),
        (UpstreamFaultKind.ModelGone,
        [
            ["model_decommissioned"], ["decommissioned"], ["model_not_found"], ["model not found"], ["model_not_available"], ["model is not available"], ["model", "no longer available"],
            ["the model", "no longer supported"], ["model", "does not exist"], ["the model", "has been deprecated"], ["the model", "is deprecated"], ["model", "has been retired"], ["model", "was retired"],
            ["not a valid model"], ["unknown model"], ["unknown_model"], ["no such model"], ["invalid model name"], ["invalid model id"], ["model not exist"], ["no endpoints found for"],
            ["models/", "is not found"], ["model", "not found, try pulling it"], ["model_not_supported"], ["requested model is not supported"],
        ]),
        (UpstreamFaultKind.NotInPlan,
        [
            ["not included in your plan"], ["not available on your plan"], ["not available for your plan"], ["not available in your plan"], ["upgrade your plan"], ["upgrade your subscription"],
            ["current plan does not"], ["your subscription does not"], ["does not have access to model"], ["do not have access to the model"], ["do not have access to it"],
            ["not allowed to use", "model"], ["not allowed to access", "model"], ["not_in_plan"],
        ]),
        (UpstreamFaultKind.ContextTooLong,
        [
            ["context_length_exceeded"], ["exceed_context_size"], ["context_window_exceeded"], ["model_context_window_exceeded"], ["string_above_max_length"], ["context_too_long"],
            ["maximum context length"], ["max context length"], ["context length exceeded"], ["exceeds the context"], ["exceed the context"], ["exceeds context"], ["exceed context"],
            ["exceeded context"], ["context window"], ["context limit"], ["context size"], ["context overflow"], ["model's context length"], ["model context length"],
            ["greater than the context length"], ["larger than the context"], ["maximum model length"], ["max_model_len"], ["n_ctx"],
            ["prompt is too long"], ["prompt too long"], ["input is too long"], ["input too long"], ["conversation is too long"], ["messages are too long"], ["request is too long"],
            ["prompt token count", "exceeds"], ["input token count", "exceeds"], ["maximum prompt length"], ["prompt length", "exceed"], ["maximum input length"], ["max input length"],
            ["input length should be"], ["input length", "exceed"], ["input tokens", "exceed"], ["tokens in request more than max tokens"], ["exceeded model token limit"],
            ["exceeds the model's token limit"], ["maximum number of input tokens"], ["maximum allowed number of input tokens"], ["too many input tokens"],
            ["too many tokens"], ["too large for model", "token"], ["max_new_tokens", "must be <="], ["must have less than", "tokens"], ["reduce the length of"], ["reduce the prompt"],
            ["reduce your prompt"], ["shorten the prompt"], ["shorten your prompt"], ["tokens", "longer than the maximum"], ["token limit exceeded"], ["exceeds the limit of", "token"],
            ["exceeds max", "length", "token"], ["exceeds the max", "length", "token"], ["上下文"], ["输入长度"], ["token数超"], ["tokens 超"],
        ]),
        (UpstreamFaultKind.Moderation,
        [
            ["content_policy"], ["content policy"], ["content_filter"], ["content management policy"], ["responsibleaipolicy"], ["data_inspection_failed"], ["datainspectionfailed"],
            ["moderation"], ["safety system"], ["prohibited_content"], ["prohibited content"], ["inappropriate content"], ["flagged"], ["usage policies"], ["usage policy"],
        ]),
        (UpstreamFaultKind.ServerError, [["overloaded_error"], ["overloaded"], ["at capacity"], ["server_is_busy"], ["server is busy"], ["engine_overloaded"]]),
    ];

    /// <summary>The kind the words speak of; null = they say nothing we know. <paramref name="words"/> is code, type and message together.</summary>
    public static UpstreamFaultKind? KindOf(string words)
    {
        if (words.Length == 0)
        {
            return null;
        }

        var lower = words.ToLowerInvariant();
        foreach (var (kind, rules) in Table)
        {
            foreach (var rule in rules)
            {
                if (Array.TrueForAll(rule, part => lower.Contains(part, StringComparison.Ordinal)))
                {
                    return kind;
                }
            }
        }

        return null;
    }
}
