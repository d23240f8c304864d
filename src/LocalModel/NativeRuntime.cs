using System.Runtime.InteropServices;
using AgentKit.Models.Native;
using Microsoft.Extensions.Logging;

namespace AgentKit.Models;

/// <summary>The llama.cpp libraries of this process: found, checked and loaded once.</summary>
public static unsafe class NativeRuntime
{
    private static readonly Lazy<NativeRuntimeInfo> Loaded = new(Load);

    /// <summary>Loads the libraries if that has not happened yet and says what was found. Never throws for a missing or wrong library.</summary>
    public static NativeRuntimeInfo Probe() => Loaded.Value;

    /// <summary>Loads the libraries or throws, and sends llama.cpp's log to <paramref name="logger"/> from now on.</summary>
    /// <exception cref="NativeRuntimeException">The libraries are missing or do not fit.</exception>
    internal static NativeRuntimeInfo Require(ILogger logger)
    {
        NativeRuntimeInfo info = Loaded.Value;
        if (info.Fault is not null)
        {
            throw new NativeRuntimeException(info.Fault);
        }

        NativeLog.Use(logger);
        return info;
    }

    private static NativeRuntimeInfo Load()
    {
        string? directory = NativeLibraries.FindDirectory();
        if (directory is null || NativeLibraries.FindFile(directory, "llama") is null)
        {
            return Faulty(directory, directory is null ? "were not found beside the program" : $"were not found in {directory}");
        }

        try
        {
            NativeLibraries.ResolveFrom(directory);
            if (AbiCheck.FindFault() is { } fault)
            {
                return Faulty(directory, $"in {directory} do not fit: {fault}");
            }

            NativeLog.Install();
            GgmlApi.LoadAllBackends(directory);
            LlamaApi.BackendInit();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return Faulty(directory, $"in {directory} could not be loaded: {e.Message}");
        }

        List<ComputeDevice> devices = Devices();
        return devices.Count > 0
            ? new(directory, AbiCheck.Version(), CpuVariant(), devices, null)
            : Faulty(directory, $"in {directory} contain no backend that runs on this CPU. {NativeLog.TakeComplaints()}");
    }

    private static NativeRuntimeInfo Faulty(string? directory, string what) => new(
        directory, null, null, [],
        $"The llama.cpp {AbiCheck.ExpectedVersion} libraries {what}. Mend it with Node 20 or newer installed: 'dotnet build -c Release src/LocalModel' "
        + $"restores them through npm. Or set {NativeLibraries.DirectoryVariable} to a folder that holds a build of llama.cpp v{AbiCheck.ExpectedVersion}.");

    private static List<ComputeDevice> Devices()
    {
        List<ComputeDevice> devices = [];
        for (nuint i = 0; i < GgmlApi.DeviceCount(); i++)
        {
            nint device = GgmlApi.DeviceGet(i);
            GgmlApi.DeviceMemory(device, out nuint free, out nuint total);
            // ggml_backend_dev_type: 1 = GPU, 2 = integrated GPU.
            bool gpu = GgmlApi.DeviceType(device) is 1 or 2;
            devices.Add(new(Text(GgmlApi.DeviceName(device)), Text(GgmlApi.DeviceDescription(device)), gpu, (long)free, (long)total));
        }

        return devices;
    }

    /// <summary>The CPU backend is one of several files; the one that was loaded is mapped into this process.</summary>
    private static string? CpuVariant()
    {
        const string maps = "/proc/self/maps";
        if (!File.Exists(maps))
        {
            return null;
        }

        const string marker = "libggml-cpu-";
        string? line = File.ReadLines(maps).FirstOrDefault(l => l.Contains(marker, StringComparison.Ordinal));
        return line is null ? null : Path.GetFileNameWithoutExtension(line[(line.LastIndexOf(marker, StringComparison.Ordinal) + marker.Length)..]);
    }

    private static string Text(byte* utf8) => Marshal.PtrToStringUTF8((nint)utf8) ?? "";
}
