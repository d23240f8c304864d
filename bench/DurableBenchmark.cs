using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using AgentKit.Agents;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Memory.Journal;
using Microsoft.Extensions.AI;

namespace AgentKit.Bench;

/// <summary>Runs on a journal that is synced to the disk at every commit, and the recovery of many that were interrupted.</summary>
internal static class DurableBenchmark
{
    private const int Runs = 64;
    private const int Rounds = 40;
    private const int Interrupted = 1000;
    private const int Repetitions = 3;

    public static async Task RunAsync()
    {
        var (steps, recoveries) = (new List<double>(), new List<double>());

        // Twice unmeasured: a process that has just started spends half its time on compiling.
        for (int i = 0; i < 2; i++) await StepsPerSecondAsync();
        await RecoveryAsync();
        for (int i = 0; i < Repetitions; i++)
        {
            steps.Add(await StepsPerSecondAsync());
            recoveries.Add(await RecoveryAsync());
        }

        BenchReport.PrintHeader("what", "value");
        BenchReport.PrintRow($"durable steps/s, {Runs} runs at once, a model step and a tool step by turns", Format(BenchReport.Median(steps)));
        BenchReport.PrintRow($"recovery of {Interrupted} interrupted runs, s", Format(BenchReport.Median(recoveries)));
    }

    private static async Task<double> StepsPerSecondAsync()
    {
        using var folder = new BenchFolder();
        await using SqliteJournal journal = SqliteJournal.Open(folder["journal.db"]);
        await using Agent agent = CreateAgent(journal, new LoopModel(Rounds));
        long started = Stopwatch.GetTimestamp();
        AgentResult[] results = await Task.WhenAll(Enumerable.Range(0, Runs).Select(i => agent.RunAsync($"task {i}")));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return results.Sum(result => result.Status is RunStatus.Completed ? result.Run.Steps.Count : throw new InvalidOperationException(result.Error)) / seconds;
    }

    /// <summary>Runs that were killed while a tool ran: the tool is run again and the model asked once more, for the answer.</summary>
    private static async Task<double> RecoveryAsync()
    {
        using var folder = new BenchFolder();
        await using SqliteJournal journal = SqliteJournal.Open(folder["journal.db"]);
        await Task.WhenAll(Enumerable.Range(0, Interrupted).Select(i => InterruptAsync(journal, string.Create(CultureInfo.InvariantCulture, $"run-{i:d4}"))));
        var model = new LoopModel(1);
        await using Agent agent = CreateAgent(journal, model);
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<AgentResult> results = await agent.RecoverAsync();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (results.Count(result => result.Status is RunStatus.Completed) != Interrupted) throw new InvalidOperationException("A run was lost.");
        if (model.Calls != Interrupted) throw new InvalidOperationException($"The model was asked {model.Calls} times.");
        return seconds;
    }

    private static async Task InterruptAsync(SqliteJournal journal, string id)
    {
        string dead = $"{Environment.MachineName}/1/never";
        var call = new ToolCall("call_1", "step", null);
        call = call with { Arguments = System.Text.Json.JsonElement.Parse("{}") };
        await journal.AppendAsync(id, 0, [new AgentEvent.RunStarted("agent", "loop", "task", null, ["step"], dead)]);
        await journal.AppendAsync(id, 1, [new AgentEvent.ModelReplied(1, "", null, [call], "tool_calls", default, 1)]);
        await journal.AppendAsync(id, 2, [new AgentEvent.ToolStarted(2, call, ToolCallKey.Of(id, 2, call.Id), ToolReplay.Idempotent)]);
    }

    private static Agent CreateAgent(SqliteJournal journal, LoopModel model)
    {
        int count = 0;
        AIFunction step = new ToolContract(ToolReplay.Idempotent, SideEffect.None).Apply(
            AIFunctionFactory.Create(() => Interlocked.Increment(ref count), "step", "Takes a step."));
        return new Agent(model, new AgentOptions { Tools = [step], Journal = journal, MaxSteps = 200, RecoverAtStart = false });
    }

    private static string Format(double value) => value.ToString(value < 100 ? "0.00" : "#,##0", CultureInfo.InvariantCulture);

    /// <summary>Asks for a tool a number of times, then answers; takes no time of its own.</summary>
    private sealed class LoopModel(int rounds) : IChatClient
    {
        private int _calls;

        public int Calls => _calls;

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            Interlocked.Increment(ref _calls);
            bool goesOn = messages.Count(message => message.Role == ChatRole.Tool) < rounds;
            yield return new ChatResponseUpdate(ChatRole.Assistant, [goesOn ? new FunctionCallContent("", "step") : new TextContent("done")]);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
