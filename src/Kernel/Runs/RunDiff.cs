using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentKit.Kernel.Runs;

/// <summary>Two runs side by side.</summary>
/// <param name="A">The first run's id.</param>
/// <param name="B">The second run's id.</param>
/// <param name="FirstDifference">
/// The step in which they first differ, as numbered in the first run, or in the second where the first has ended; <c>null</c> when none does.
/// </param>
/// <param name="Steps">The steps, aligned: what one run did and the other did not stands alone.</param>
/// <param name="UsageA">Tokens of the first run.</param>
/// <param name="UsageB">Tokens of the second run.</param>
/// <param name="MsA">Milliseconds in models and tools of the first run.</param>
/// <param name="MsB">Milliseconds in models and tools of the second run.</param>
public sealed record RunDiff(
    string A,
    string B,
    int? FirstDifference,
    IReadOnlyList<RunDiffStep> Steps,
    TokenUsage UsageA,
    TokenUsage UsageB,
    double MsA,
    double MsB)
{
    /// <summary>Compares what two runs did; times are not compared.</summary>
    /// <param name="a">A run.</param>
    /// <param name="b">Another one.</param>
    public static RunDiff Of(RunView a, RunView b)
    {
        List<RunDiffStep> steps = Align(a.Steps, b.Steps);
        RunDiffStep? first = steps.FirstOrDefault(step => !step.Same);
        return new RunDiff(a.RunId, b.RunId, first?.A?.N ?? first?.B?.N, steps, a.Usage, b.Usage, Total(a), Total(b));
    }

    /// <summary>The comparison as the command line prints it: <c>first_difference, steps[{same, a, b}], …</c>, in snake case.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, EventJson.Context.RunDiff)!.AsObject();

    /// <summary>The longest common subsequence of what was done: asked the model, or called the same tool with the same arguments.</summary>
    private static List<RunDiffStep> Align(IReadOnlyList<RunStep> a, IReadOnlyList<RunStep> b)
    {
        string[] left = [.. a.Select(Action)], right = [.. b.Select(Action)];
        var common = new int[left.Length + 1, right.Length + 1];
        for (int i = left.Length - 1; i >= 0; i--)
        {
            for (int j = right.Length - 1; j >= 0; j--)
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var steps = new List<RunDiffStep>();
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j])
                steps.Add(new RunDiffStep(a[i].Result == b[j].Result && a[i].Error == b[j].Error, a[i++], b[j++]));
            else if (j == right.Length || (i < left.Length && common[i + 1, j] >= common[i, j + 1])) steps.Add(new RunDiffStep(false, a[i++], null));
            else steps.Add(new RunDiffStep(false, null, b[j++]));
        }

        return steps;
    }

    private static string Action(RunStep step) => $"{step.Kind} {step.Name} {step.Arguments?.GetRawText()}";

    private static double Total(RunView run) => run.Steps.Sum(step => step.Ms ?? 0);
}
