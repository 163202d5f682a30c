using System.Text;
using Synthwave.Commands.Discovery;

namespace Synthwave.UnitTests.Commands;

public sealed class ModelChoiceTests
{
    private static readonly KnownEndpoint OpenAi = KnownEndpoint.All.Single(e => e.Name == "openai");

    [Fact]
    public void Newest_large_and_newest_small_model_are_chosen_over_snapshots_and_previews() =>
        Choose(OpenAi, """
            {"data":[
              {"id":"gpt-4o","created":10},{"id":"gpt-4o-2024-08-06","created":11},{"id":"gpt-5","created":30},{"id":"gpt-5-2025-08-07","created":31},
              {"id":"gpt-5-mini","created":30},{"id":"gpt-5-nano","created":29},{"id":"gpt-5-pro","created":40},{"id":"gpt-6-preview","created":50},
              {"id":"gpt-image-1","created":60},{"id":"text-embedding-3-large","created":1},{"id":"o3","created":70}]}
            """).Should().Equal("gpt-5", "gpt-5-mini");

    [Fact]
    public void Only_small_models_are_enough() => Choose(OpenAi, """{"data":[{"id":"gpt-4o-mini"}]}""").Should().Equal("gpt-4o-mini");

    [Fact]
    public void Local_models_keep_their_order() =>
        Choose(new("ollama", "Ollama", "http://x"), """{"data":[{"id":"zephyr"},{"id":"nomic-embed-text"},{"id":"alpha-model"},{"id":"beta"}]}""").Should().Equal("zephyr", "alpha-model");

    [Theory]
    [InlineData("""{"id":"m","context_length":1000,"max_model_len":2}""", 1000, null)]
    [InlineData("""{"id":"m","max_model_len":32768}""", 32768, null)]
    [InlineData("""{"id":"m","context_window":131072,"max_completion_tokens":8192}""", 131072, 8192)]
    [InlineData("""{"id":"m","meta":{"n_ctx":8192,"n_ctx_train":131072}}""", 8192, null)]
    [InlineData("""{"id":"m","meta":{"n_ctx_train":131072}}""", 131072, null)]
    [InlineData("""{"id":"m","top_provider":{"context_length":9,"max_completion_tokens":3}}""", 9, 3)]
    [InlineData("""{"id":"m","context_length":0,"meta":null}""", null, null)]
    [InlineData("""{"id":"m","context_length":"many"}""", null, null)]
    [InlineData("""{"\ud800":1,"\ud800abcdefghij":1,"id":"m","created_at":"\ud800","type":"llm","context_length":7}""", 7, null)]
    public void Context_and_output_are_read_where_servers_write_them(string entry, int? context, int? output)
    {
        var model = CatalogReader.Read(Encoding.UTF8.GetBytes($"[{entry}]"))!.Value.Single();

        (model.Context, model.MaxOutput).Should().Be((context, output));
    }

    [Theory]
    [InlineData("""{"id":"m","type":"embedding"}""")]
    [InlineData("""{"id":"m","capabilities":{"completion_chat":false}}""")]
    [InlineData("""{"id":"m","architecture":{"output_modalities":["image"]}}""")]
    [InlineData("""{"id":"BGE-m3"}""")]
    [InlineData("""{"id":"m","type":"\ud800"}""")]
    [InlineData("""{"id":"m","architecture":{"output_modalities":["\ud800"]}}""")]
    public void Models_for_other_tasks_do_not_chat(string entry) => CatalogReader.Read(Encoding.UTF8.GetBytes($"[{entry}]"))!.Value.Single().Chats.Should().BeFalse();

    private static IEnumerable<string> Choose(KnownEndpoint endpoint, string catalog) =>
        ModelChoice.Choose(new EndpointFound(endpoint, CatalogReader.Read(Encoding.UTF8.GetBytes(catalog))!.Value)).Select(m => m.Id);
}
