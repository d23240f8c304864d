using AgentKit.Kernel.Errors;
using AgentKit.Training.Data;

namespace AgentKit.Training.Engine;

/// <summary>Compares the engine with llama.cpp before anything is trained: a variant of a model that the engine does not know shows here.</summary>
public static class EngineCheck
{
    /// <summary>Largest difference that is allowed, relative to the largest logit.</summary>
    public const double Tolerance = 1e-3;

    private const int Tokens = 64;

    /// <summary>The largest difference of logits between the engine and llama.cpp on a fixed text, relative to the largest logit.</summary>
    /// <param name="engine">The engine, whose adapter is left out.</param>
    public static double Difference(TrainingEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var random = new Random(64);
        int[] tokens = [.. Enumerable.Range(0, Math.Min(Tokens, engine.ContextLength)).Select(_ => random.Next(engine.VocabularySize))];
        float[][] expected = LlamaReference.Logits(engine.ModelPath, tokens, engine.Threads);
        return Difference(engine.Logits(Whole(tokens), withAdapter: false), expected);
    }

    /// <summary>Refuses a model whose logits the engine does not reproduce.</summary>
    /// <param name="engine">The engine.</param>
    /// <returns>The difference found.</returns>
    /// <exception cref="UserInputException">The difference is above <see cref="Tolerance"/>.</exception>
    public static double Verify(TrainingEngine engine)
    {
        double difference = Difference(engine);
        return difference <= Tolerance
            ? difference
            : throw new UserInputException(
                "model", $"{engine.ModelPath}: the training engine's logits differ from llama.cpp's by {difference:0.####} of the largest; {Tolerance} is allowed. "
                + "This variant of the model cannot be trained.");
    }

    /// <summary>A pack in which every token but the first is predicted.</summary>
    internal static Pack Whole(int[] tokens) => new([new TrainingSample(0, tokens, [.. tokens.Select((_, t) => t == 0 ? 0.0 : 1.0)])]);

    internal static double Difference(float[][] found, float[][] expected)
    {
        double most = 0, difference = 0;
        for (int t = 0; t < found.Length; t++)
        {
            for (int i = 0; i < found[t].Length; i++)
            {
                most = Math.Max(most, Math.Abs(expected[t][i]));
                double here = Math.Abs(found[t][i] - expected[t][i]);
                // Once NaN, it stays NaN.
                if (!(here <= difference)) difference = here;
            }
        }

        return double.IsFinite(difference) ? difference / Math.Max(most, double.Epsilon) : double.PositiveInfinity;
    }
}
