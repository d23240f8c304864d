using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Doctor;

/// <summary>Whether what the toolkit keeps can be kept: the data directory and the journal in it.</summary>
internal static class StateChecks
{
    public static IEnumerable<DoctorCheck> Run(CommandContext context)
    {
        yield return Writable(context.Data);
    }

    private static DoctorCheck Writable(DataDirectory data)
    {
        string found = $"{data.Path} (from {data.Source})";
        try
        {
            string probe = Path.Combine(data.Ensure().Path, $".doctor-{Environment.ProcessId}");
            File.WriteAllBytes(probe, [1]);
            File.Delete(probe);
            return new("data", true, $"{found}, writable");
        }
        catch (Exception e) when (e is UserInputException or IOException or UnauthorizedAccessException)
        {
            return new("data", false, $"{found}: {e.Message}", "Choose another directory with --data or AGENTKIT_HOME.");
        }
    }
}
