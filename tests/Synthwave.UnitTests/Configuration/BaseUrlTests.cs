using Synthwave.Upstreams.Connections;

namespace Synthwave.UnitTests.Configuration;

/// <summary>Base URLs as people write them.</summary>
public sealed class BaseUrlTests
{
    [Theory]
    [InlineData("::not-a-url")]
    [InlineData("/v1")]
    [InlineData("http://")]
    [InlineData("nonsense")]
    [InlineData("nonsense/v1")]
    [InlineData("http:///v1")]
    [InlineData("user:SECRET@h.test/v1")]
    [InlineData("ftp://u.test/v1")]
    [InlineData("https://u.test/v1/chat/completions/")]
    public void Doubtful_urls_load_with_a_warning_that_does_not_show_them(string url)
    {
        var text = $"[upstreams.u]\nmodel_id='m'\nbase_url='{url}'\ncontext=100\nmax_output=10";

        var warning = Loading.Warning(text);

        warning.Key.Should().Be("upstreams.u.base_url");
        warning.Message.Should().NotContain(url);
    }

    [Theory]
    [InlineData("https://api.anthropic.com", "anthropic", "https://api.anthropic.com/v1")]
    [InlineData("https://api.anthropic.com/", "openai", "https://api.anthropic.com/v1")]
    [InlineData("https://API.OpenAI.com", "openai", "https://API.OpenAI.com/v1")]
    [InlineData("https://api.groq.com", "openai", "https://api.groq.com/openai/v1")]
    [InlineData("https://api.groq.com/openai", "openai", "https://api.groq.com/openai/v1")]
    [InlineData("https://openrouter.ai/api/", "openai", "https://openrouter.ai/api/v1")]
    [InlineData("https://api.deepseek.com/anthropic", "anthropic", "https://api.deepseek.com/anthropic/v1")]
    [InlineData("http://127.0.0.1:8000/v1/chat/completions", "openai", "http://127.0.0.1:8000/v1")]
    [InlineData("http://127.0.0.1:8000/v1/completions/", "openai", "http://127.0.0.1:8000/v1")]
    [InlineData("http://h.test/v1/models", "openai", "http://h.test/v1")]
    [InlineData("http://h.test/v1/responses", "openai", "http://h.test/v1")]
    [InlineData("https://h.test/d/gpt/chat/completions?api-version=1", "openai", "https://h.test/d/gpt?api-version=1")]
    [InlineData("https://api.anthropic.com/v1/messages", "anthropic", "https://api.anthropic.com/v1")]
    [InlineData("https://h.test/v1/messages/count_tokens", "anthropic", "https://h.test/v1")]
    [InlineData(" http://h.test/v1 ", "openai", "http://h.test/v1")]
    [InlineData("http://h.test/v1/ ", "openai", "http://h.test/v1")]
    [InlineData("http:/h.test/v1", "openai", "http://h.test/v1")]
    [InlineData("https:h.test/v1", "openai", "https://h.test/v1")]
    [InlineData("https//h.test/v1/", "openai", "https://h.test/v1")]
    [InlineData("http;//h.test:8000/v1", "openai", "http://h.test:8000/v1")]
    [InlineData("localhost:8000/v1", "openai", "http://localhost:8000/v1")]
    [InlineData("127.0.0.1/v1", "openai", "http://127.0.0.1/v1")]
    [InlineData("[::1]:8000/v1", "openai", "http://[::1]:8000/v1")]
    [InlineData("vllm:8000/v1/", "openai", "http://vllm:8000/v1")]
    [InlineData("api.openai.com/v1", "openai", "https://api.openai.com/v1")]
    [InlineData(" localhost:8000/v1", "openai", "http://localhost:8000/v1")]
    [InlineData("http://localhost:11434/api", "openai", "http://localhost:11434/v1")]
    [InlineData("http://h.test/api/chat", "openai", "http://h.test/v1")]
    [InlineData("http://h.test/ollama/api/generate/", "openai", "http://h.test/ollama/v1")]
    [InlineData("http://h.test/api/chat/completions", "openai", "http://h.test/api")]
    [InlineData("https://r.openai.azure.com", "openai", "https://r.openai.azure.com/openai/v1")]
    [InlineData("https://r.openai.azure.com/openai/", "openai", "https://r.openai.azure.com/openai/v1")]
    [InlineData("https://r.openai.azure.com/openai/responses?api-version=2025-04-01-preview", "openai", "https://r.openai.azure.com/openai/v1")]
    [InlineData("https://r.services.ai.azure.com/openai/v1/chat/completions", "openai", "https://r.services.ai.azure.com/openai/v1")]
    [InlineData("https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", "openai", "https://r.openai.azure.com/openai/deployments/d?api-version=1")]
    public void Plain_slips_in_urls_are_made_right_and_said(string written, string protocol, string right)
    {
        var text = $"[upstreams.u]\nmodel_id='m'\nbase_url='{written}'\nprotocol='{protocol}'\ncontext=100\nmax_output=10";

        var warning = Loading.Warning(text);

        (warning.Key, warning.Line, warning.Column).Should().Be(("upstreams.u.base_url", 3, 10));
        warning.Hint.Should().Contain(right.Split('?')[0]);
        Loading.Valid(text).Upstreams.Single().BaseUrl.Should().Be(right);
    }

    [Theory]
    [InlineData("https://h.test/v1/messages?key=SECRET", "openai", "protocol = \"anthropic\" and base_url = \"https://h.test/v1\"")]
    [InlineData("https://user:SECRET@h.test/v1/chat/completions", "anthropic", "protocol = \"openai\" and base_url = \"https://***@h.test/v1\"")]
    public void Endpoints_of_the_other_protocol_are_errors_that_name_the_likely_url(string written, string protocol, string likely)
    {
        var problem = Loading.Error($"[upstreams.u]\nmodel_id='m'\nbase_url='{written}'\nprotocol='{protocol}'\ncontext=100\nmax_output=10");

        problem.Key.Should().Be("upstreams.u.base_url");
        problem.Hint.Should().Contain(likely);
        problem.ToString().Should().NotContain("SECRET");
    }

    [Theory]
    [InlineData("https://h.test/api/paas/v4")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/openai")]
    [InlineData("https://h.test/openai")]
    [InlineData("http://h.test/api")]
    [InlineData("http://h.test:3000/api")]
    [InlineData("https://r.openai.azure.com/openai/v1")]
    [InlineData("https://r.openai.azure.com/openai/deployments/d?api-version=2024-10-21")]
    [InlineData("https://r.services.ai.azure.com/models?api-version=2024-05-01-preview")]
    [InlineData("https://api.deepseek.com")]
    [InlineData("https://api.perplexity.ai")]
    [InlineData("https://api.openai.com/v1")]
    [InlineData("https://api.openai.com/v2")]
    public void Urls_that_are_right_stay(string url)
    {
        Loading.Clean($"[upstreams.u]\nmodel_id='m'\nbase_url='{url}'\ncontext=100\nmax_output=10").Upstreams.Single().BaseUrl.Should().Be(url);
    }

    [Fact]
    public void A_bare_host_of_ones_own_stays_and_is_doubted()
    {
        var text = "[upstreams.u]\nmodel_id='m'\nbase_url='http://127.0.0.1:8000/'\ncontext=100\nmax_output=10";

        Loading.Warning(text).Hint.Should().Contain("http://127.0.0.1:8000/v1");
        Loading.Valid(text).Upstreams.Single().BaseUrl.Should().Be("http://127.0.0.1:8000");
    }

    [Theory]
    [InlineData("https://h.test/v1/")]
    [InlineData("https://h.test/v1/?api-version=1")]
    public void A_slash_at_the_end_is_nobodys_business(string url)
    {
        var upstream = Loading.Clean($"[upstreams.u]\nmodel_id='m'\nbase_url='{url}'\ncontext=100\nmax_output=10").Upstreams.Single();

        UpstreamEndpoint.Parse(upstream.BaseUrl)!.At("/chat/completions").AbsoluteUri.Should().Be(url.Replace("/v1/", "/v1/chat/completions"));
    }

    [Fact]
    public void A_deployment_of_azure_needs_a_version()
    {
        var warning = Loading.Warning("[upstreams.u]\nmodel_id='m'\nbase_url='https://r.openai.azure.com/openai/deployments/d'\ncontext=100\nmax_output=10");

        warning.Message.Should().Contain("lacks the api-version");
        warning.Hint.Should().Contain("https://r.openai.azure.com/openai/deployments/d?api-version=");
    }

    [Fact]
    public void A_host_and_port_alone_lack_scheme_and_path()
    {
        var result = Loading.Load("[upstreams.u]\nmodel_id='m'\nbase_url='localhost:8000'\ncontext=100\nmax_output=10");

        result.Errors.Should().BeEmpty();
        result.Warnings.Select(w => w.Hint).Should().SatisfyRespectively(
            first => first.Should().Contain("\"http://localhost:8000\""), second => second.Should().Contain("http://localhost:8000/v1"));
        result.Config!.Upstreams.Single().BaseUrl.Should().Be("http://localhost:8000");
    }
}
