using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using AgentKit.Cli.Output;
using AgentKit.Models;

namespace AgentKit.Cli.Doctor;

/// <summary>What the machine offers: runtime, operating system, processor, cores, memory.</summary>
internal static class MachineChecks
{
    private const int MinimumRuntime = 10;
    private const long MinimumMemory = 512L << 20;

    private static readonly string[] ShownFlags =
        ["sse4_2", "avx", "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8"];

    public static IEnumerable<DoctorCheck> Run()
    {
        yield return new(
            "dotnet",
            Environment.Version.Major >= MinimumRuntime,
            RuntimeInformation.FrameworkDescription,
            "Install the .NET 10 SDK: https://dot.net");
        yield return Platform();
        yield return Features();
        yield return Cores();
        yield return Memory();
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

    private static DoctorCheck Cores() =>
        new("cores", true, $"{CpuQuota.UsableCpus} usable by quota, {Environment.ProcessorCount} visible");

    private static DoctorCheck Memory()
    {
        // The runtime knows the container's limit, /proc/meminfo only the machine.
        long usable = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long? machine = MemoryInfo("MemTotal:");
        long? free = MemoryInfo("MemAvailable:");
        string total = machine > usable
            ? $"{Quantity.Bytes(usable)} allowed of {Quantity.Bytes(machine.Value)}"
            : $"{Quantity.Bytes(usable)} total";
        return new(
            "memory",
            Math.Min(usable, free ?? usable) >= MinimumMemory,
            free is null ? total : $"{total}, {Quantity.Bytes(free.Value)} available",
            $"At least {Quantity.Bytes(MinimumMemory)} should be free; end other processes.",
            Required: false);
    }

    private static long? MemoryInfo(string name)
    {
        const string file = "/proc/meminfo";
        if (!File.Exists(file)) return null;
        string? line = File.ReadLines(file).FirstOrDefault(text => text.StartsWith(name, StringComparison.Ordinal));
        return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..]
            ? long.Parse(kibibytes, CultureInfo.InvariantCulture) << 10
            : null;
    }
}
