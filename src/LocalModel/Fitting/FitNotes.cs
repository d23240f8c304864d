namespace AgentKit.Models.Fitting;

/// <summary>What was chosen and why, in words.</summary>
internal static class FitNotes
{
    public static IReadOnlyList<string> Of(
        Numbers numbers, FitPlanner.Choice choice, FitPlanner.Choice wanted, bool fits, int gpuLayers, int? withoutExperts, int layers)
    {
        var notes = new List<string>();
        if (numbers.Options.ContextLength is null && choice.Context == wanted.Context && wanted.Context < numbers.Trained)
            notes.Add($"The context is {wanted.Context:N0} tokens; the model allows up to {numbers.Trained:N0} on request.");
        string reason = $"{Gib(numbers.Wanted)} would be needed and {Gib(numbers.Available)} can be used";
        if (choice.Type != wanted.Type)
            notes.Add($"The KV cache is {Name(choice.Type)} instead of f16: {reason}.");
        if (choice.Parallel < wanted.Parallel)
            notes.Add($"{Conversations(choice.Parallel)} of {choice.Context:N0} tokens instead of {wanted.Parallel} at once: {reason}.");
        if (choice.Context < wanted.Context)
            notes.Add($"The context is {choice.Context:N0} tokens instead of {wanted.Context:N0}: {reason}.");
        if (!fits)
            notes.Add($"Does not fit: even that needs {Gib(numbers.Needed)} and {Gib(numbers.Available)} can be used.");
        if (gpuLayers > 0 && gpuLayers < layers)
            notes.Add($"{gpuLayers} of {layers} layers go to the GPU, the rest stays on the CPU.");
        if (withoutExperts > gpuLayers)
            notes.Add($"{withoutExperts} of {layers} layers would go to the GPU if expert matrices stayed in main memory (ExpertsInMainMemory).");
        return notes;
    }

    public static string Name(KvType type) => type.ToString().ToLowerInvariant();

    private static string Conversations(int count) => count == 1 ? "One conversation" : $"{count} conversations";

    private static string Gib(long bytes) => bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):0.00} GiB" : $"{bytes / (double)(1L << 20):0.0} MiB";

    /// <summary>The bytes behind the words.</summary>
    internal sealed record Numbers(ModelFitOptions Options, int Trained, long Available, long Needed, long Wanted);
}
