using System.Globalization;

namespace AgentKit.Cli.Doctor;

/// <summary>The CPU and memory limits that control groups set on this process; both versions of the Linux interface are read.</summary>
/// <param name="Cores">Processor time per wall time, or <c>null</c> without a limit.</param>
/// <param name="MemoryBytes">Bytes, or <c>null</c> without a limit.</param>
internal sealed record CgroupLimits(double? Cores, long? MemoryBytes)
{
    // Version 1 writes "no limit" as the largest page-aligned number.
    private const long UnlimitedMemory = long.MaxValue / 2;

    /// <summary>Reads the limits; the strictest of the process's own group and its ancestors holds.</summary>
    /// <param name="root">The directory that stands for <c>/</c>.</param>
    public static CgroupLimits Read(string root = "/")
    {
        double? cores = null;
        long? memory = null;
        foreach (string directory in Directories(root))
        {
            cores = Min(cores, Quota(directory));
            memory = Min(memory, Memory(directory));
        }

        return new(cores, memory);
    }

    private static IEnumerable<string> Directories(string root)
    {
        string mount = Path.Combine(root, "sys/fs/cgroup");
        foreach (string line in Lines(Path.Combine(root, "proc/self/cgroup")))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length != 3) continue;
            foreach (string controller in parts[1].Length == 0 ? [""] : parts[1].Split(',').Append(parts[1]))
            {
                string group = parts[2].TrimStart('/');
                while (group.Length > 0)
                {
                    yield return Path.Combine(mount, controller, group);
                    group = Path.GetDirectoryName(group) ?? "";
                }

                yield return Path.Combine(mount, controller);
            }
        }
    }

    private static double? Quota(string directory)
    {
        if (Lines(Path.Combine(directory, "cpu.max")).FirstOrDefault()?.Split(' ') is [var max, var period])
            return Ratio(max, period);
        return Ratio(
            Lines(Path.Combine(directory, "cpu.cfs_quota_us")).FirstOrDefault(),
            Lines(Path.Combine(directory, "cpu.cfs_period_us")).FirstOrDefault());
    }

    private static double? Ratio(string? quota, string? period) =>
        Number(quota) is { } q and > 0 && Number(period) is { } p and > 0 ? (double)q / p : null;

    private static long? Memory(string directory) =>
        (Number(Lines(Path.Combine(directory, "memory.max")).FirstOrDefault())
            ?? Number(Lines(Path.Combine(directory, "memory.limit_in_bytes")).FirstOrDefault())) is { } bytes and < UnlimitedMemory
            ? bytes
            : null;

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;

    private static T? Min<T>(T? left, T? right) where T : struct, IComparable<T> =>
        left is not { } l ? right : right is not { } r ? left : l.CompareTo(r) <= 0 ? l : r;

    private static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A limit that may not be read is treated as not set: the report says only what is known.
            return [];
        }
    }
}
