using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Training.Data;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Engine;

/// <summary>Compares the engine with llama.cpp before anything is trained: a variant of a model that the engine does not know shows here.</summary>
public static class EngineCheck
{
    /// <summary>Largest difference that is allowed, relative to the largest logit.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>
    /// What is allowed between two orders of summing where operands are rounded: with quantized weights ggml rounds what they multiply to a byte, and the last bit of a sum
    /// decides which one; oneDNN rounds both to bfloat16. A product that is wrong is off by far more.
    /// </summary>
    private const double RoundedTolerance = 0.05;

    private const int Tokens = 64;

    /// <summary>The largest difference of logits between the engine and llama.cpp on a fixed text, relative to the largest logit.</summary>
    /// <param name="engine">The engine, whose adapter is left out.</param>
    public static double Difference(TrainingEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        int[] tokens = FixedText(engine);
        float[][] expected = LlamaReference.Logits(engine.ModelPath, tokens, engine.Threads);
        return Difference(engine.Logits(Whole(tokens), withAdapter: false), expected);
    }

    /// <summary>Refuses a model whose logits the engine does not reproduce, and a machine on which its own products do not.</summary>
    /// <param name="engine">The engine.</param>
    /// <returns>The difference found.</returns>
    /// <exception cref="UserInputException">The difference is above <see cref="Tolerance"/>.</exception>
    /// <exception cref="NativeRuntimeException">The machine computes what is trained otherwise than what was compared.</exception>
    public static double Verify(TrainingEngine engine)
    {
        double difference = Difference(engine);
        if (!(difference <= Tolerance))
        {
            throw new UserInputException(
                "model", $"{engine.ModelPath}: the training engine's logits differ from llama.cpp's by {difference:0.####} of the largest; {Tolerance} is allowed. "
                + "This variant of the model cannot be trained.");
        }

        double own = OwnDifference(engine), allowed = engine.IsQuantized || engine.Products == ProductPath.OneDnn ? RoundedTolerance : Tolerance;
        if (!(own <= allowed))
        {
            throw new NativeRuntimeException(
                $"Products in the order that training takes them differ from llama.cpp's by {own:0.####} on this machine; {allowed} is allowed. "
                + "This is a fault of agentkit: please report it.");
        }

        return difference;
    }

    /// <summary>The mean difference between log-probabilities as training computes them and those of the logits that were compared, relative to the largest logit.</summary>
    private static double OwnDifference(TrainingEngine engine)
    {
        int[] tokens = FixedText(engine);
        float[][] logits = engine.Logits(Whole(tokens), withAdapter: false);
        double[] found = engine.LogProbabilities(Whole(tokens), withAdapter: false);
        double[] differences = [.. logits.Select((row, t) => Math.Abs(found[t] - Softmax.LogProbabilities(Array.ConvertAll(row, value => (double)value))[tokens[t + 1]]))];
        double largest = Math.Max(1, logits.Max(row => row.Max(Math.Abs)));
        return differences.Average() / largest;
    }

    private static int[] FixedText(TrainingEngine engine)
    {
        var random = new Random(64);
        return [.. Enumerable.Range(0, Math.Min(Tokens, engine.ContextLength)).Select(_ => random.Next(engine.VocabularySize))];
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
