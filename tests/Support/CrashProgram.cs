using System.Diagnostics;
using AgentKit.Agents;
using AgentKit.Agents.Crash;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Memory.Journal;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Support;

/// <summary>
/// The program a crash test kills: an agent on a scripted model with tools of all four replay kinds, which write to a real ledger.
/// </summary>
internal static class CrashProgram
{
    /// <summary>First argument by which a process knows that it is this program.</summary>
    public const string Command = "crash";

    private const int Rounds = 4;

    /// <summary>Starts this program again.</summary>
    public static ProcessStartInfo Start(string assembly, string folder) => new("dotnet", [assembly, Command, folder]);

    public static SqliteJournal OpenJournal(string folder) => SqliteJournal.Open(Path.Combine(folder, "journal.db"));

    public static CrashLedger Ledger(string folder) => new(Path.Combine(folder, "ledger.db"));

    /// <summary>What the process does.</summary>
    public static async Task MainAsync(string folder)
    {
        CrashLedger ledger = Ledger(folder);
        ledger.Create();
        await using SqliteJournal journal = OpenJournal(folder);
        await using var agent = new Agent(new ScriptedModel(Reply), new AgentOptions
        {
            Tools = Tools(ledger),
            Journal = CrashTest.Wrap(journal),
            Policy = ToolPolicy.AllowAll,
            RecoverAtStart = false,
        });
        await CrashTest.WorkAsync(agent, "work");
    }

    /// <summary>
    /// What is wrong with the effects, given the runs: each idempotent and verifiable call that is done has one, each unsafe call at most one.
    /// </summary>
    public static IEnumerable<string> CheckEffects(CrashLedger ledger, IEnumerable<RunView> runs)
    {
        ILookup<(string Kind, string Key), (string Kind, string Key)> effects = ledger.All().ToLookup(effect => effect);
        foreach (IGrouping<(string Kind, string Key), (string Kind, string Key)> same in effects.Where(same => same.Count() > 1))
            yield return $"{same.Count()} effects of one {same.Key.Kind} call";
        foreach (RunView run in runs)
        {
            foreach (RunStep step in run.Steps.Where(step => step is { Kind: RunStepKind.Tool, Ms: not null, Name: not "pure" }))
            {
                string key = ToolCallKey.Of(run.RunId, step.N, step.CallId!);
                if (!effects.Contains((step.Name!, key))) yield return $"{run.RunId}: the {step.Name} call of step {step.N} is done and had no effect";
            }
        }
    }

    /// <summary>Rounds of a safe pair and of a lone unsafe call by turns, then the answer.</summary>
    private static ScriptedReply Reply(IReadOnlyList<ChatMessage> messages)
    {
        int round = messages.Count(message => message.Role == ChatRole.Assistant);
        return round >= Rounds ? ScriptedReply.Text("done")
            : round % 2 == 0 ? ScriptedReply.Calls(("pure", new { n = round }), ("idempotent", null), ("verifiable", null))
            : ScriptedReply.Calls(("verifiable", null), ("unsafe", null), ("idempotent", null));
    }

    private static AIFunction[] Tools(CrashLedger ledger)
    {
        AIFunction pure = AIFunctionFactory.Create((int n) => n + 1, "pure", "Computes.");
        AIFunction idempotent = AIFunctionFactory.Create((AIFunctionArguments a) => ledger.WriteOnce("idempotent", Key(a)), "idempotent", "Writes once.");
        AIFunction verifiable = AIFunctionFactory.Create((AIFunctionArguments a) => ledger.Write("verifiable", Key(a)), "verifiable", "Writes.");
        AIFunction unsafely = AIFunctionFactory.Create((AIFunctionArguments a) => ledger.Write("unsafe", Key(a)), "unsafe", "Sends.");
        ToolVerifier look = (key, _, _) =>
            ValueTask.FromResult(ledger.Has("verifiable", key) ? ToolVerdict.Effect("Done.") : ToolVerdict.NoEffect);
        return
        [
            new ToolContract(ToolReplay.Pure, SideEffect.None).Apply(pure),
            new ToolContract(ToolReplay.Idempotent, SideEffect.LocalWrite).Apply(idempotent),
            new ToolContract(ToolReplay.Verifiable, SideEffect.LocalWrite) { Verifier = look }.Apply(verifiable),
            new ToolContract(ToolReplay.Unsafe, SideEffect.Irreversible).Apply(unsafely),
        ];
    }

    private static string Key(AIFunctionArguments arguments) =>
        ToolCallKey.Find(arguments) ?? throw new InvalidOperationException("The call came without its key.");
}
