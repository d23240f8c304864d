using System.Globalization;

namespace AgentKit.Models;

/// <summary>
/// How many CPUs this process may really use. ggml's threads spin while they wait, so one thread more than there are free cores makes decoding
/// many times slower; a container's quota counts, not the machine's core count.
/// </summary>
public static class CpuQuota
{
    /// <summary>Usable CPUs: the smaller of the processors visible to this process and its cgroup quota rounded down, at least 1.</summary>
    public static int UsableCpus => Math.Max(1, (int)Math.Min(Environment.ProcessorCount, Quota("/sys/fs/cgroup", "/proc/self/cgroup") ?? int.MaxValue));

    /// <summary>The cgroup's CPU limit in CPUs; <c>null</c> when there is none. The strictest limit on the way to the root counts.</summary>
    internal static double? Quota(string mount, string membershipFile)
    {
        double? quota = null;
        foreach ((string controller, string path) in Membership(membershipFile))
        {
            // In a container the path of the host is often not visible; the mount's root then holds the container's own limits.
            for (string? folder = path; folder is not null; folder = folder.Length > 1 ? Path.GetDirectoryName(folder) : null)
            {
                double? here = ReadLimit(Path.Join(mount, controller, folder));
                quota = here < (quota ?? double.MaxValue) ? here : quota;
            }
        }

        return quota;
    }

    /// <summary>Lines are <c>id:controllers:path</c>; controllers are empty for cgroup v2, which has no controller folder.</summary>
    private static IEnumerable<(string Controller, string Path)> Membership(string file)
    {
        if (!File.Exists(file))
        {
            yield break;
        }

        foreach (string line in File.ReadLines(file))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length == 3 && parts[1].Length == 0)
            {
                yield return ("", parts[2]);
            }
            else if (parts.Length == 3 && parts[1].Split(',').Contains("cpu"))
            {
                yield return (parts[1], parts[2]);
                yield return ("cpu", parts[2]);
            }
        }
    }

    private static double? ReadLimit(string folder)
    {
        string v2 = Path.Join(folder, "cpu.max");
        if (File.Exists(v2))
        {
            string[] fields = File.ReadAllText(v2).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            return fields is [var max, var period] ? Ratio(max, period) : null;
        }

        string v1 = Path.Join(folder, "cpu.cfs_quota_us");
        return File.Exists(v1) ? Ratio(File.ReadAllText(v1), File.ReadAllText(Path.Join(folder, "cpu.cfs_period_us"))) : null;
    }

    /// <summary>"max" (v2) and -1 (v1) mean no limit.</summary>
    private static double? Ratio(string quota, string period) =>
        double.TryParse(quota, CultureInfo.InvariantCulture, out double q) && q > 0
        && double.TryParse(period, CultureInfo.InvariantCulture, out double p) && p > 0
            ? q / p
            : null;
}
