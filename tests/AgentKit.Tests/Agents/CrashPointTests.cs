using System.Collections.Concurrent;
using AgentKit.Agents;
using AgentKit.Agents.Crash;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

/// <summary>
/// The process dies at every append in turn, before it and after it; what takes the run up has only the journal and the effects to go by.
/// Killing real processes is for the slow tests; here the journal goes dead, which is the same to all that a run keeps.
/// </summary>
public class CrashPointTests
{
    private readonly ConcurrentQueue<string> _effects = new();
    private int _asked;

    public static TheoryData<int, bool> Points
    {
        get
        {
            var points = new TheoryData<int, bool>();
            for (int append = 1; append <= 8; append++)
            {
                points.Add(append, false);
                points.Add(append, true);
            }

            return points;
        }
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Resume_AfterADeathAtAnyAppend_LosesNothingAndDoesNothingTwice(int append, bool committed)
    {
        var journal = new InMemoryJournal();
        CrashPoint point = committed ? CrashPoint.AfterAppend(append) : CrashPoint.BeforeAppend(append);
        await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(new CrashingJournal(journal, "r", point, () => throw new IOException("power cut"))));

        RunView run = await TakeUpAsync(journal);

        List<JournalRecord> records = await journal.ReadAsync("r").ToListAsync();
        Assert.Empty(RunAudit.Check(records));
        foreach (string kind in (string[])["idempotent", "verifiable"])
            Assert.Single(_effects, effect => effect.StartsWith(kind, StringComparison.Ordinal));
        Assert.InRange(_effects.Count(effect => effect.StartsWith("unsafe", StringComparison.Ordinal)), 0, 1);
        if (run.Status is RunStatus.Waiting)
        {
            WaitingCall waiting = Assert.Single(run.Waiting);
            Assert.Equal(("unsafe", true), (waiting.Name, waiting.OutcomeUnknown));
            await RunDecision.SettleAsync(journal, "r", waiting.CallId, "it was sent");
            run = await TakeUpAsync(journal, interrupted: false);
        }

        Assert.Equal((RunStatus.Completed, "done"), (run.Status, run.Answer));
        Assert.Equal(["pure:2", "idempotent", "verifiable", "unsafe"], run.Steps.Where(s => s.Kind is RunStepKind.Tool).Select(s => Short(s.Result!)));

        static string Short(string result) => result is "it was sent" ? "unsafe" : result;
    }

    [Fact]
    public async Task Points_OfTheTheory_AreAllThereAre()
    {
        var journal = new InMemoryJournal();
        var point = CrashPoint.BeforeAppend(9);
        AgentResult result = await RunAsync(new CrashingJournal(journal, "r", point, () => throw new IOException("never")));
        Assert.Equal(RunStatus.Completed, result.Status);
        Assert.Equal(3, _asked);
    }

    [Fact]
    public async Task Resume_RunThatIsWhole_AsksTheModelOnlyForWhatIsMissing()
    {
        var journal = new InMemoryJournal();
        await Assert.ThrowsAnyAsync<Exception>(
            () => RunAsync(new CrashingJournal(journal, "r", CrashPoint.AfterAppend(2), () => throw new IOException("power cut"))));
        Assert.Equal(1, _asked);
        Assert.Equal(RunStatus.Completed, (await TakeUpAsync(journal)).Status);
        Assert.Equal(3, _asked);
    }

    [Theory]
    [InlineData("before:3")]
    [InlineData("after:12")]
    [InlineData("ms:12.5")]
    public void Parse_WhatToStringWrites_IsTheSame(string text) => Assert.Equal(text, CrashPoint.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("before:0")]
    [InlineData("later:1")]
    [InlineData("ms:x")]
    public void Parse_AnythingElse_IsRefused(string text) => Assert.Throws<UserInputException>(() => CrashPoint.Parse(text));

    private async Task<AgentResult> RunAsync(IJournal journal)
    {
        await using var agent = new Agent(Model(), Options(journal));
        return await agent.RunAsync("work", "r");
    }

    private async Task<RunView> TakeUpAsync(InMemoryJournal journal, bool interrupted = true)
    {
        int events = await journal.ReadAsync("r").CountAsync();
        await using var agent = new Agent(Model(), Options(journal));
        if (events == 0) return (await agent.RunAsync("work", "r")).Run;

        // The process that wrote the journal is this one and lives; only its word would tell that it has let go.
        if (interrupted) await journal.AppendAsync("r", events, [new AgentEvent.RunInterrupted()]);
        return (await agent.ResumeAsync("r")).Run;
    }

    private AgentOptions Options(IJournal journal) =>
        new() { Tools = Tools(), Journal = journal, RecoverAtStart = false, Policy = ToolPolicy.AllowAll };

    private ScriptedModel Model() => new(messages =>
    {
        Interlocked.Increment(ref _asked);
        return messages.Count(message => message.Role == ChatRole.Tool) switch
        {
            0 => Calls(("pure", new { n = 1 }), ("idempotent", null)),
            2 => Calls(("verifiable", null), ("unsafe", null)),
            _ => Text("done"),
        };
    });

    private AIFunction[] Tools()
    {
        AIFunction pure = AIFunctionFactory.Create((int n) => $"pure:{n + 1}", "pure", "Computes.");
        AIFunction idempotent = AIFunctionFactory.Create((AIFunctionArguments a) => OnceFor("idempotent", a), "idempotent", "Writes once for each key.");
        AIFunction verifiable = AIFunctionFactory.Create((AIFunctionArguments a) => Write("verifiable", a), "verifiable", "Writes.");
        AIFunction unsafely = AIFunctionFactory.Create((AIFunctionArguments a) => Write("unsafe", a), "unsafe", "Sends.");
        ToolVerifier look = (key, _, _) => ValueTask.FromResult(
            _effects.Contains($"verifiable {key}") ? ToolVerdict.Effect("verifiable") : ToolVerdict.NoEffect);
        return
        [
            new ToolContract(ToolReplay.Pure, SideEffect.None).Apply(pure),
            new ToolContract(ToolReplay.Idempotent, SideEffect.LocalWrite).Apply(idempotent),
            new ToolContract(ToolReplay.Verifiable, SideEffect.LocalWrite) { Verifier = look }.Apply(verifiable),
            unsafely,
        ];
    }

    private string OnceFor(string kind, AIFunctionArguments arguments)
    {
        string effect = $"{kind} {ToolCallKey.Find(arguments)}";
        lock (_effects)
        {
            if (!_effects.Contains(effect)) _effects.Enqueue(effect);
        }

        return kind;
    }

    private string Write(string kind, AIFunctionArguments arguments)
    {
        _effects.Enqueue($"{kind} {ToolCallKey.Find(arguments)}");
        return kind;
    }
}
