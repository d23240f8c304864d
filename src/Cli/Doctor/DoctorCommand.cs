using System.CommandLine;
using AgentKit.Cli.App;
using Spectre.Console;

namespace AgentKit.Cli.Doctor;

/// <summary><c>agentkit doctor</c>: one green or red line for each thing that must be right, with the step that mends it.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandHost host) => host.Handle(
        new Command("doctor", "Check this machine and the installation, and say how to mend what is wrong."),
        "agentkit doctor --json",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        var checks = new List<DoctorCheck>();
        await foreach (DoctorCheck check in ChecksAsync(context))
        {
            // What mends a thing is said only when it is broken.
            DoctorCheck said = check.Ok ? check with { Mend = null } : check;
            checks.Add(said);
            Show(context, said);
        }

        context.WriteJson(new DoctorJson(checks));
        return checks.TrueForAll(check => check.Ok || !check.Required) ? ExitCode.Done : ExitCode.Failed;
    }

    private static async IAsyncEnumerable<DoctorCheck> ChecksAsync(CommandContext context)
    {
        foreach (DoctorCheck check in MachineChecks.Run().Concat(ModelChecks.Run())) yield return check;
        await foreach (DoctorCheck check in StateChecks.RunAsync(context.Data)) yield return check;
        yield return await SettingsCheck.RunAsync(context);
    }

    internal static void Show(CommandContext context, DoctorCheck check)
    {
        (string colour, string mark) = check.Ok ? ("green", "ok  ") : check.Required ? ("red", "FAIL") : ("yellow", "warn");
        context.Screen.ShowLine($"[{colour}]{mark}[/] {check.Name,-10} {Markup.Escape(check.Found)}");
        if (check.Mend is { } mend) context.Screen.ShowLine($"     {"",-10} [{colour}]{Markup.Escape(mend)}[/]");
    }
}
