using System.Diagnostics;
using AgentKit.Agents;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Memory;

/// <summary>A process that works on a journal until it is killed, and says line by line what it has been promised.</summary>
internal sealed class VictimProcess : IDisposable
{
    private readonly Process _process;

    private VictimProcess(Process process) => _process = process;

    /// <summary>What the process does, on its own side.</summary>
    public static async Task<int> MainAsync(string[] args)
    {
        switch (args)
        {
            case ["append", var path, var prefix]:
                await AppendAsync(path, prefix);
                return 0;
            case ["tool", var path, var runId]:
                await RunAgentAsync(path, runId);
                return 0;
            default:
                await Console.Error.WriteLineAsync("The tests start this process themselves: append JOURNAL PREFIX, or tool JOURNAL RUN.");
                return 2;
        }
    }

    /// <summary>Appends runs of ten events for ever; prints <c>run version</c> after each append has returned.</summary>
    public static VictimProcess StartAppending(string journal, string prefix) => Start("append", journal, prefix);

    /// <summary>Runs an agent whose second tool call never ends; prints <c>hanging</c> from inside of that tool.</summary>
    public static VictimProcess StartAgent(string journal, string runId) => Start("tool", journal, runId);

    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync();

    /// <summary>Kills the process without warning and returns what it had still printed.</summary>
    public async Task<string> KillAsync()
    {
        _process.Kill();
        string rest = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return rest;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private static VictimProcess Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(VictimProcess).Assembly.Location, .. args]) { RedirectStandardOutput = true };
        return new VictimProcess(Process.Start(start)!);
    }

    private static async Task AppendAsync(string path, string prefix)
    {
        await using var journal = SqliteJournal.Open(path);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async lane =>
        {
            for (int run = 0; ; run++)
            {
                string id = $"{prefix}-{lane}-{run}";
                long version = await journal.AppendAsync(id, 0, [new AgentEvent.RunStarted("a", "m", "t", null, [], ProcessOwner.Current)]);
                for (int step = 1; step < 10; step++)
                {
                    Say($"{id} {version}");
                    version = await journal.AppendAsync(
                        id, version, [new AgentEvent.ModelReplied(step, new string('x', 500), null, [], "stop", default, 0)]);
                }
            }
        }));
    }

    private static async Task RunAgentAsync(string path, string runId)
    {
        AIFunction add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds.");
        AIFunction hang = AIFunctionFactory.Create(
            async () =>
            {
                Say("hanging");
                await new TaskCompletionSource().Task;
            },
            "hang", "Never ends.");
        var model = new ScriptedModel(
            ScriptedReply.Call("add", new { a = 1, b = 2 }), ScriptedReply.Calls(("hang", null), ("add", new { a = 3, b = 4 })));
        await using var journal = SqliteJournal.Open(path);
        await using var agent = new Agent(model, new AgentOptions { Journal = journal, Tools = [add, hang] });
        await foreach (AgentEvent e in agent.RunStreamingAsync("work", runId))
        {
            if (e is AgentEvent.ToolCompleted { Result: "7" }) Say("added");
        }
    }

    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
