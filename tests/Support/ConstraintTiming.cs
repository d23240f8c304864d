using System.Diagnostics;
using System.Text;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;

namespace AgentKit.Tests.Support;

/// <summary>Measures what constrained decoding costs per token along a text; for benchmarks, not for tests.</summary>
/// <param name="UncachedMask">
/// Microseconds to build a mask in a state met before, without the mask cache; the best of five, median over the text.
/// </param>
/// <param name="FirstMask">Microseconds to build a mask in a state never met; median over the text.</param>
/// <param name="CachedMask">Microseconds to look a mask up and apply it to a row of logits; mean.</param>
/// <param name="Allows">Microseconds to check one token; mean over random tokens.</param>
internal sealed record ConstraintTiming(double FirstMask, double UncachedMask, double CachedMask, double Allows)
{
    /// <summary>Walks <paramref name="text"/> byte by byte; the vocabulary must have its bytes as tokens 0 to 255.</summary>
    internal static ConstraintTiming Measure(TokenVocabulary vocabulary, Grammar grammar, string text, int seed)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var (first, again) = (new List<double>(), new List<double>());
        var state = grammar.Start;
        foreach (var value in bytes)
        {
            var at = state;
            first.Add(Microseconds(() => vocabulary.BuildMask(at), 1));
            again.Add(Enumerable.Range(0, 5).Min(_ => Microseconds(() => vocabulary.BuildMask(at), 1)));
            state = state.Next(value);
        }

        var constraint = new GrammarConstraint(vocabulary, grammar);
        var logits = new float[vocabulary.Size];
        var random = new Random(seed);
        double cached = 0, allows = 0;
        foreach (var value in bytes)
        {
            constraint.ApplyMask(logits);
            cached += Microseconds(() => constraint.ApplyMask(logits), 10);
            allows += Microseconds(() => constraint.Allows(random.Next(vocabulary.Size)), 1000);
            constraint.Accept(value);
        }

        return new ConstraintTiming(Median(first), Median(again), cached / bytes.Length, allows / bytes.Length);
    }

    private static double Microseconds(Action action, int times)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / times;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
