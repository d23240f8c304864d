namespace AgentKit.Models;

/// <summary>Main memory of this machine or container.</summary>
internal static class MachineMemory
{
    /// <summary>Bytes this process may still use: the cgroup's or machine's limit less what is in use.</summary>
    public static long FreeBytes()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo(GCKind.Any);
        long limit = memory.TotalAvailableMemoryBytes;
        long available = LinuxAvailableBytes() ?? limit - memory.MemoryLoadBytes;
        return Math.Clamp(available, 0, limit);
    }

    /// <summary>The kernel's own estimate, which counts caches it would give up.</summary>
    private static long? LinuxAvailableBytes()
    {
        const string file = "/proc/meminfo";
        const string label = "MemAvailable:";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(label, StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line[label.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), out long kibibytes)
            ? kibibytes * 1024
            : null;
    }
}
