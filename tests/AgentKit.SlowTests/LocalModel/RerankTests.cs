using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

public sealed class RerankTests : IDisposable
{
    private const int PoolingLast = 3;
    private const int PoolingRank = 4;
    private const string Template = "{query}\n{document}";

    private static readonly TestModelShape Shape = new() { Architecture = "qwen3", Type = GgmlType.F32 };

    private readonly ScratchFolder _folder = new();
    private readonly float[] _head = [.. Enumerable.Range(0, 2 * Shape.Embedding).Select(i => MathF.Sin(i) / 4)];

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public async Task Rerank_DocumentsOfAnyNumber_GivesTheHeadsProbabilities()
    {
        await using LocalModel reranker = LocalModel.Open(Write("rerank.gguf", PoolingRank));
        await using LocalModel embedder = LocalModel.Open(Write("embed.gguf", PoolingLast));
        string[] documents = [.. Enumerable.Range(0, 40).Select(i => $"document {i * 7919}")];
        IReadOnlyList<float> scores = await reranker.RerankAsync("ships", documents);
        for (int i = 0; i < documents.Length; i++)
        {
            // The last token's normalized state has length √embedding; the head and a softmax over its two outputs make the score.
            float[] state = await StateAsync(embedder, $"ships\n{documents[i]}");
            double[] outputs = [.. Enumerable.Range(0, 2).Select(row => state.Select((x, column) => (double)x * _head[(row * Shape.Embedding) + column]).Sum())];
            Assert.Equal(1 / (1 + Math.Exp(outputs[1] - outputs[0])), scores[i], 2e-3);
        }

        Assert.True(scores.Max() - scores.Min() > 0.01);
        Assert.Empty(await reranker.RerankAsync("ships", []));
    }

    [NativeFact]
    public async Task Rerank_ModelWithoutHeadOrTooLongPair_IsRefused()
    {
        await using LocalModel reranker = LocalModel.Open(Write("rerank.gguf", PoolingRank));
        await using LocalModel chat = LocalModel.Open(ShippedModel.Path);
        await Assert.ThrowsAsync<UserInputException>(() => chat.RerankAsync("a", ["b"]));
        await Assert.ThrowsAsync<UserInputException>(() => reranker.GenerateAsync(["a"]));
        string tooLong = new('x', Shape.ContextLength + 1);
        Assert.Equal("documents[1]", (await Assert.ThrowsAsync<UserInputException>(() => reranker.RerankAsync("a", ["b", tooLong]))).Field);
    }

    private static async Task<float[]> StateAsync(LocalModel embedder, string text)
    {
        Embedding<float> unit = (await embedder.GenerateAsync([text]))[0];
        return [.. unit.Vector.ToArray().Select(x => x * MathF.Sqrt(Shape.Embedding))];
    }

    private string Write(string name, int pooling)
    {
        GgufWriter writer = TestModel.Writer(Shape, seed: 3).Set("qwen3.pooling_type", (uint)pooling).Set("tokenizer.chat_template.rerank", Template);
        if (pooling == PoolingRank)
        {
            writer.Set("qwen3.classifier.output_labels", GgufValue.Array(["yes", "no"])).Add("cls.output.weight", GgmlType.F32, [Shape.Embedding, 2], _head);
        }

        writer.Write(_folder[name]);
        return _folder[name];
    }
}
