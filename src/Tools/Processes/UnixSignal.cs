using System.Runtime.InteropServices;

namespace AgentKit.Tools.Processes;

/// <summary>Signals to a whole process group, for which .NET has no call.</summary>
internal static partial class UnixSignal
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends a signal to every process of a group; one that has ended already is no failure.</summary>
    /// <param name="group">The group: the id of the process that leads it.</param>
    /// <param name="signal">The signal's number.</param>
    public static void SendToGroup(int group, int signal)
    {
        // A group of 0 or 1 would mean ourselves or everybody.
        if (group > 1) _ = kill(-group, signal);
    }

    [LibraryImport("libc")]
    private static partial int kill(int id, int signal);
}
