using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.SlowTests.Models;

/// <summary>
/// Models with random weights, which know nothing of JSON, through the whole engine in batches. A slice of the thousand schemas that
/// <c>bench -- schemas</c> runs.
/// </summary>
public sealed class SchemaEngineTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData(32_000, 0, 160)]
    [InlineData(152_000, 160, 64)]
    public async Task GetResponse_GeneratedSchemas_EveryFinishedAnswerIsValid(int vocabulary, int first, int count)
    {
        TestModelShape shape = new() { Vocabulary = vocabulary, Layers = 1, Embedding = 32, FeedForward = 64, ContextLength = 256, Type = GgmlType.F16 };
        using LocalModel model = LocalModel.Open(
            TestModel.Create(Path.Combine(_folder.Path, "random.gguf"), shape), new() { Parallel = 16, ContextLength = 256 });
        SchemaRun run = await SchemaRun.RunAsync(model, Enumerable.Range(first, count));
        Assert.True(run.Invalid.Count == 0, string.Join("\n", run.Invalid));
        // Some schemas have no value, and some no value within the limit; they must stay the exception.
        Assert.InRange(run.Finished, count * 8 / 10, count);
    }
}
