using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary>Owns a <c>llama_model</c>. Contexts keep a reference, so the model outlives them whatever the order of disposal.</summary>
internal sealed class ModelHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LlamaApi.ModelFree(handle);
        return true;
    }
}
