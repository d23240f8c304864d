using AgentKit.Training.Native;

namespace AgentKit.Tests.Training.Kernels;

/// <summary>A test of products by oneDNN, where the system has it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DnnlTheoryAttribute : TheoryAttribute
{
    public DnnlTheoryAttribute()
    {
        if (Dnnl.Version is null) Skip = "There is no oneDNN (libdnnl 2 or 3) on this machine.";
    }
}
