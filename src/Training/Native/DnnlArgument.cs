using System.Runtime.InteropServices;

namespace AgentKit.Training.Native;

/// <summary><c>dnnl_exec_arg_t</c>: what a product reads or writes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct DnnlArgument(int role, nint memory)
{
    public const int Source = 1, Target = 17, Weights = 33, Scratchpad = 80;

    public readonly int Role = role;
    public readonly nint Memory = memory;
}
