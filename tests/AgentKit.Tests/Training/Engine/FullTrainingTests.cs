using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;
using static AgentKit.Tests.Training.Engine.TestPacks;

namespace AgentKit.Tests.Training.Engine;

/// <summary>Training of all weights on tiny generated models: gradients against central differences, the written model against llama.cpp.</summary>
public sealed class FullTrainingTests : IDisposable
{
    private static readonly EngineOptions OneThread = new() { Threads = 1, HeadChunk = 7 };

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void Gradient_OfEveryTensor_MatchesCentralDifferences(string architecture)
    {
        using TrainingEngine engine = Open(new TestModelShape { Architecture = architecture, Heads = 4, KvHeads = 2 });
        var pack = new Pack([Sample(1, 11), Sample(2, 6)]);
        float[] gradient = Gradient(engine, pack);
        GgufFile file = GgufFile.Open(engine.ModelPath);
        Assert.Equal(file.Tensors.Sum(tensor => tensor.Elements), engine.TrainedWeights);
        foreach (GgufTensorInfo tensor in file.Tensors) AssertDirection(engine, pack, gradient, tensor.Name);
    }

    [NativeFact]
    public void Gradient_TiedEmbeddings_SumsBothUses()
    {
        using TrainingEngine engine = TrainingEngine.OpenFull(Tied(), OneThread);
        var pack = new Pack([Sample(3, 12)]);
        AssertDirection(engine, pack, Gradient(engine, pack), "token_embd.weight");
    }

    [NativeFact]
    public void SaveModel_AfterTraining_HasLlamasLoss()
    {
        using TrainingEngine engine = Open(new TestModelShape { Architecture = "qwen3", Heads = 4, KvHeads = 2 });
        int[] tokens = [.. Enumerable.Range(0, 40).Select(t => ((t * 37) + 11) % 300)];
        Pack pack = EngineCheck.Whole(tokens);
        double before = Nll(pack, engine.LogProbabilities(pack)).Loss;
        var optimizer = new AdamW(engine.Parameters.Values.Length, null, engine.Parameters.Decayed);
        for (int step = 0; step < 15; step++)
        {
            float[] gradient = Gradient(engine, pack);
            optimizer.Step(engine.Parameters.Values, gradient, 3e-3);
            engine.Parameters.Upload();
        }

        double after = Nll(pack, engine.LogProbabilities(pack)).Loss;
        engine.SaveModel(_folder["trained.gguf"]);
        float[][] logits = LlamaReference.Logits(_folder["trained.gguf"], tokens, 1);
        double llama = Enumerable.Range(1, tokens.Length - 1).Average(t => -LogProbability(logits[t - 1], tokens[t]));
        Assert.True(after < 0.5 * before, $"{after} is not clearly below {before}");
        Assert.Equal(after, llama, 1e-5);
    }

    [NativeFact]
    public void OpenFull_QuantizedModel_NamesTheTensor()
    {
        string path = TestModel.Create(_folder["q8.gguf"], new TestModelShape { Type = GgmlType.Q8_0 });
        var refused = Assert.Throws<UserInputException>(() => TrainingEngine.OpenFull(path, OneThread));
        Assert.Contains("token_embd.weight is stored as Q8_0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AdamW_UndecayedWeights_StayWhereTheGradientIsZero()
    {
        float[] weights = [2, 2];
        new AdamW(2, new() { WeightDecay = 0.5 }, decayed: 1).Step(weights, [0, 0], 0.1);
        Assert.Equal([1.9f, 2f], weights);
    }

    private TrainingEngine Open(TestModelShape shape) => TrainingEngine.OpenFull(TestModel.Create(_folder["model.gguf"], shape), OneThread);

    private string Tied()
    {
        GgufFile file = GgufFile.Open(TestModel.Create(_folder["model.gguf"], new TestModelShape()));
        GgufWriter writer = GgufWriter.WithMetadataOf(file);
        foreach (GgufTensorInfo tensor in file.Tensors.Where(tensor => tensor.Name != "output.weight"))
        {
            float[] values = file.ReadFloats(tensor);
            // Smaller embeddings: as an output matrix the generated ones give a softmax of one token.
            if (tensor.Name == "token_embd.weight") values = Array.ConvertAll(values, value => 0.05f * value);
            writer.Add(tensor.Name, tensor.Type, [.. tensor.Shape], values);
        }

        writer.Write(_folder["tied.gguf"]);
        return _folder["tied.gguf"];
    }

    private static void AssertDirection(TrainingEngine engine, Pack pack, float[] gradient, string name) => GradientCheck.AssertDirection(
        engine.Parameters, () => Nll(pack, engine.LogProbabilities(pack)).Loss, gradient, ((FullWeights)engine.Parameters).PlaceOf(name), name);

    private static double LogProbability(float[] logits, int target)
    {
        double most = logits.Max();
        return logits[target] - most - Math.Log(logits.Sum(logit => Math.Exp(logit - most)));
    }
}
