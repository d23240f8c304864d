using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Tasks;

/// <summary>
/// Draws worked examples as lm-evaluation-harness does: one generator for the whole task, a draw for each sample in order; where examples
/// come from the samples themselves, one more is drawn and the sample that is asked is left out.
/// </summary>
internal static class Examples
{
    /// <summary>The examples of each sample.</summary>
    /// <exception cref="UserInputException">There are not enough to draw from.</exception>
    public static IReadOnlyList<EvalSample>[] Draw(EvalTask task, TaskData data, IReadOnlyList<EvalSample> samples, int shots, uint seed)
    {
        var drawn = new IReadOnlyList<EvalSample>[samples.Count];
        if (shots == 0)
        {
            Array.Fill(drawn, []);
            return drawn;
        }

        // Where parts are tasks of their own, as the subjects of MMLU, each draws for itself; what a row is said to be otherwise, such as its category, does not.
        IReadOnlyList<EvalSample> pool = task.Definition.ExampleFiles is null ? samples : task.LoadExamples(data);
        bool same = ReferenceEquals(pool, samples);
        foreach (IGrouping<string?, int> group in Enumerable.Range(0, samples.Count).GroupBy(i => task.ExamplesByPart ? samples[i].Group : null))
        {
            EvalSample[] from = same ? [.. group.Select(i => samples[i])] : [.. pool];
            int needed = same ? shots + 1 : shots;
            if (from.Length < needed)
                throw new UserInputException(
                    "--shots",
                    $"--shots is {shots}; {task.Name}{(group.Key is null ? "" : ":" + group.Key)} has {from.Length} samples to draw examples from.");
            var random = new PythonRandom(seed);
            foreach (int i in group) drawn[i] = [.. random.Sample(from.Length, needed).Select(at => from[at])
                .Where(example => !ReferenceEquals(example, samples[i])).Take(shots)];
        }

        return drawn;
    }
}
