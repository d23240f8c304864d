using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AgentKit.Tools.Processes;

/// <summary>
/// Everything a started program has started in turn. A program that ends politely takes its own children's parent away, so they cannot be
/// found as a tree any more; they still carry a variable that the program was started with.
/// </summary>
internal sealed class ProcessFamily
{
    private const string Variable = "AGENTKIT_PROCESS_FAMILY";

    private readonly string _id = $"{Environment.ProcessId}-{Guid.NewGuid():N}";

    /// <summary>Puts the family's mark into the environment of a program to be started.</summary>
    public void Mark(IDictionary<string, string?> environment) => environment[Variable] = _id;

    /// <summary>The mark as it stands in the environment of a member.</summary>
    public string Text => $"{Variable}={_id}";

    /// <summary>Ends whoever of the family still runs. Only Linux shows the environment of processes; elsewhere nothing is done.</summary>
    public void End()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var mark = Encoding.UTF8.GetBytes(Text);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Carries(folder, mark))
                Kill(id);
        }
    }

    private static bool Carries(string folder, byte[] mark)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(mark) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or belongs to another user and so not to the family.
            return false;
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended by itself, which is what was wanted.
            return;
        }
    }
}
