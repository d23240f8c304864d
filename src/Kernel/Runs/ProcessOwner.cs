using System.Diagnostics;
using System.Globalization;

namespace AgentKit.Kernel.Runs;

/// <summary>
/// Names the process that works on a run, as <c>host/pid/start</c>, so that a later process can tell a run that goes on from one whose
/// process has died. The start distinguishes two processes that got the same id.
/// </summary>
public static class ProcessOwner
{
    /// <summary>This process.</summary>
    public static string Current { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{StartOf(Environment.ProcessId)}";

    /// <summary>
    /// Whether the process still runs. One of another machine counts as alive: from here it cannot be known, and taking its run over would
    /// be worse than waiting for it.
    /// </summary>
    /// <param name="owner">A value <see cref="Current"/> had in some process.</param>
    public static bool IsAlive(string owner)
    {
        string[] parts = owner.Split('/');
        if (parts.Length != 3 || parts[0] != Environment.MachineName) return true;
        return int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && StartOf(pid) == parts[2];
    }

    /// <summary>When a process started, in a form that every process reads alike; <c>null</c> when there is none.</summary>
    private static string? StartOf(int pid)
    {
        try
        {
            // On Linux the clock time of a start is computed from the boot time and differs a little from reader to reader; the kernel's
            // own number, field 22 of stat in clock ticks since boot, does not. The command in field 2 may contain anything, so count from
            // its end.
            if (OperatingSystem.IsLinux())
            {
                string stat = File.ReadAllText($"/proc/{pid}/stat");
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return fields[0] is "Z" or "X" ? null : fields[19];
            }

            using Process process = Process.GetProcessById(pid);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
