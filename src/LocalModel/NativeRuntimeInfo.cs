namespace AgentKit.Models;

/// <summary>What <see cref="NativeRuntime.Probe"/> found.</summary>
/// <param name="Directory">Folder the libraries come from; <c>null</c> when none was found.</param>
/// <param name="Version">llama.cpp's version; <c>null</c> when it could not be loaded.</param>
/// <param name="CpuVariant">The CPU library llama.cpp picked for this machine, for example <c>cascadelake</c>.</param>
/// <param name="Devices">Devices found, the CPU included.</param>
/// <param name="Fault">Why local models cannot run here, with the command that mends it; <c>null</c> when all is well.</param>
public sealed record NativeRuntimeInfo(
    string? Directory, string? Version, string? CpuVariant, IReadOnlyList<ComputeDevice> Devices, string? Fault);
