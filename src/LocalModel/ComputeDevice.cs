namespace AgentKit.Models;

/// <summary>A device llama.cpp can compute on.</summary>
/// <param name="Name">Short name, for example <c>CPU</c> or <c>CUDA0</c>.</param>
/// <param name="Description">The hardware's name.</param>
/// <param name="IsGpu">Whether model layers can be offloaded to it.</param>
/// <param name="FreeBytes">Memory free now, in bytes. For the CPU the machine's total, as llama.cpp reports it.</param>
/// <param name="TotalBytes">Total memory in bytes.</param>
public sealed record ComputeDevice(string Name, string Description, bool IsGpu, long FreeBytes, long TotalBytes);
