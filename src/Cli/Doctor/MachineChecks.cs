using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using AgentKit.Cli.Output;

namespace AgentKit.Cli.Doctor;

/// <summary>What the machine offers: runtime, operating system, processor, cores, memory.</summary>
internal static class MachineChecks
{
    private const int MinimumRuntime = 10;
    private const long MinimumMemory = 512L << 20;

    private static readonly string[] ShownFlags = ["sse4_2", "avx", "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8"];

    public static IEnumerable<DoctorCheck> Run()
    {
        yield return new(
            "dotnet", Environment.Version.Major >= MinimumRuntime, $"{RuntimeInformation.FrameworkDescription}", "Install the .NET 10 SDK: https://dot.net");
        yield return Platform();
        yield return Features();
        CgroupLimits limits = CgroupLimits.Read();
        yield return Cores(limits);
        yield return Memory(limits);
    }

    private static DoctorCheck Platform()
    {
        bool packaged = RuntimeInformation.OSArchitecture is Architecture.X64 or Architecture.Arm64;
        return new(
            "platform",
            packaged,
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}",
            "Native libraries exist for x64 and arm64; for another processor build llama.cpp v0.5.0 and set AGENTKIT_NATIVE_DIR.");
    }

    private static DoctorCheck Features()
    {
        string[] features = [.. CpuFeatures()];
        bool vector = Avx2.IsSupported || AdvSimd.IsSupported;
        return new(
            "cpu",
            vector,
            features.Length == 0 ? "no vector instructions" : string.Join(' ', features),
            "Models run slowly without AVX2 or NEON; nothing to install.",
            Required: false);
    }

    private static IEnumerable<string> CpuFeatures()
    {
        if (AdvSimd.IsSupported) yield return "neon";
        if (Dp.IsSupported) yield return "dotprod";
        string[] flags = LinuxFlags();
        if (flags.Length > 0)
        {
            foreach (string flag in ShownFlags.Intersect(flags)) yield return flag;
            yield break;
        }

        if (Avx2.IsSupported) yield return "avx2";
        if (Fma.IsSupported) yield return "fma";
        if (Avx512F.IsSupported) yield return "avx512f";
    }

    private static string[] LinuxFlags() =>
        File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? []
            : [];

    private static DoctorCheck Cores(CgroupLimits limits)
    {
        string quota = limits.Cores is { } cores ? cores.ToString("0.##", CultureInfo.InvariantCulture) : "none";
        return new("cores", true, $"{Environment.ProcessorCount} usable, quota {quota}");
    }

    private static DoctorCheck Memory(CgroupLimits limits)
    {
        long total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long available = AvailableMemory() ?? total;
        string limit = limits.MemoryBytes is { } bytes ? Size.Bytes(bytes) : "none";
        return new(
            "memory",
            Math.Min(total, available) >= MinimumMemory,
            $"{Size.Bytes(total)} total, {Size.Bytes(available)} available, limit {limit}",
            $"At least {Size.Bytes(MinimumMemory)} should be free; end other processes.",
            Required: false);
    }

    private static long? AvailableMemory()
    {
        if (!File.Exists("/proc/meminfo")) return null;
        string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(text => text.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..]
            ? long.Parse(kibibytes, CultureInfo.InvariantCulture) << 10
            : null;
    }
}
