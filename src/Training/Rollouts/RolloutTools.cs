using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Rollouts;

/// <summary>Tools that are carried out while answers are written. What the model reads of them is what an agent's model reads.</summary>
/// <param name="tools">The tools; called by several threads at once.</param>
internal sealed class RolloutTools(IReadOnlyList<AIFunction> tools)
{
    /// <summary>Whether all calls are of tools that are here.</summary>
    public bool Know(IReadOnlyList<FunctionCallContent> calls) => calls.All(call => Find(call) is not null);

    /// <summary>The conversation with these tools offered beside its own; of two with one name its own is shown.</summary>
    public IReadOnlyList<AITool> OfferedBeside(IReadOnlyList<AITool> own) => [.. own, .. tools.Where(tool => own.All(other => other.Name != tool.Name))];

    /// <summary>Carries calls out, one after another.</summary>
    /// <param name="calls">Of tools that are here.</param>
    /// <param name="stop">Cancels.</param>
    /// <returns>The message with their results, and how many tools crashed.</returns>
    public async Task<(ChatMessage Results, int Failures)> AnswerAsync(IReadOnlyList<FunctionCallContent> calls, CancellationToken stop)
    {
        List<AIContent> results = [];
        int failures = 0;
        foreach (FunctionCallContent call in calls)
        {
            object? result = await ResultAsync(Find(call)!, call, stop).ConfigureAwait(false);
            if (result is null) failures++;
            results.Add(new FunctionResultContent(call.CallId, result ?? $"Error: The tool '{call.Name}' failed."));
        }

        return (new(ChatRole.Tool, results), failures);
    }

    private AIFunction? Find(FunctionCallContent call) => tools.FirstOrDefault(tool => tool.Name == call.Name);

    /// <summary>What the model reads; <c>null</c> where the tool crashed.</summary>
    private static async Task<object?> ResultAsync(AIFunction tool, FunctionCallContent call, CancellationToken stop)
    {
        Dictionary<string, object?> arguments = new(call.Arguments ?? new Dictionary<string, object?>(), StringComparer.Ordinal);
        IReadOnlyList<string> faults = ArgumentValidator.Validate(tool.JsonSchema, JsonSerializer.SerializeToElement(arguments, AIJsonUtilities.DefaultOptions));
        if (faults.Count > 0) return $"Error: Wrong arguments for '{tool.Name}': {string.Join("; ", faults)}.";
        try
        {
            return await tool.InvokeAsync(new(arguments), stop).ConfigureAwait(false) switch
            {
                null => "Done.",
                ToolOutput output => output.Text,
                object other => other,
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (ToolException e)
        {
            return $"Error: {e.Message}";
        }
        catch (Exception)
        {
            // What a model may provoke must not end a run of many hours; how often it happened is a metric.
            return null;
        }
    }
}
