using System.Diagnostics;
using AgentKit.Cli.Models;
using AgentKit.Cli.Output;
using AgentKit.Models;

namespace AgentKit.Cli.Doctor;

/// <summary>Whether models can run: native libraries, devices, the shipped model.</summary>
internal static class ModelChecks
{
    private static readonly string[] GpuBackends = ["cuda", "vulkan"];

    public static IEnumerable<DoctorCheck> Run()
    {
        NativeRuntimeInfo native = NativeRuntime.Probe();
        yield return new(
            "native",
            native.Fault is null,
            native.Fault ?? $"llama.cpp {native.Version} in {native.Directory}, binary interface as expected",
            "dotnet build -c Release src/LocalModel   (needs Node 20 or newer with npm), or set AGENTKIT_NATIVE_DIR");
        if (native.Fault is null)
            yield return Devices(native);
        else
            yield return Npm();

        yield return Shipped();
    }

    /// <summary>Whoever restored the libraries for a GPU wants it used: that it is not found must not go unnoticed.</summary>
    internal static DoctorCheck Devices(NativeRuntimeInfo native)
    {
        string found = string.Join("; ", native.Devices.Select(device => Describe(device, native.CpuVariant)));
        string? wanted = native.Directory is { } folder && Directory.Exists(folder)
            ? GpuBackends.FirstOrDefault(backend => Directory.EnumerateFiles(folder, $"*ggml-{backend}.*").Any())
            : null;
        bool missing = wanted is not null && !native.Devices.Any(device => device.IsGpu);
        string? mend = wanted switch
        {
            "cuda" => "Models run on the CPU alone. Install the NVIDIA driver and the CUDA 13 runtime (libcudart.so.13, libcublas.so.13), and see that nvidia-smi lists the card.",
            "vulkan" => "Models run on the CPU alone. Install the Vulkan driver of the card, and see that vulkaninfo lists it.",
            _ => null,
        };
        return new(
            "devices", !missing, missing ? $"the {wanted} libraries are installed, but NO GPU WAS FOUND; only {found}" : found, mend, Required: false);
    }

    private static string Describe(ComputeDevice device, string? cpuVariant) => device.IsGpu
        ? $"{device.Name} {device.Description} ({Quantity.Bytes(device.FreeBytes)} of {Quantity.Bytes(device.TotalBytes)} free)"
        : $"{device.Name} {device.Description}{(cpuVariant is null ? "" : $" (variant {cpuVariant})")}";

    /// <summary>Only looked at when the libraries are missing: nothing else needs Node.</summary>
    private static DoctorCheck Npm()
    {
        string? version = Version("node");
        bool npm = version is not null && Version("npm") is not null;
        return new(
            "node", npm, version is null ? "not found" : npm ? $"Node {version} with npm" : $"Node {version} without npm",
            "Install Node 20 or newer with npm: https://nodejs.org", Required: false);
    }

    private static string? Version(string program)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // The system's way of saying that there is no such program.
            return null;
        }
    }

    private static DoctorCheck Shipped()
    {
        const string mend = "Restore models/nano.gguf (git checkout models/nano.gguf) and build again.";
        if (!File.Exists(ShippedModel.Path)) return new("model", false, $"{ShippedModel.Path} is missing", mend);
        return ShippedModel.IsIntact()
            ? new("model", true, $"{ShippedModel.Path}, SHA-256 as released")
            : new("model", false, $"{ShippedModel.Path} is not the released file (SHA-256 differs from {ShippedModel.Sha256})", mend);
    }
}
