using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary>Owns a <c>llama_context</c> and keeps its model alive.</summary>
internal sealed class ContextHandle() : SafeHandle(0, ownsHandle: true)
{
    private ModelHandle? _model;

    public override bool IsInvalid => handle == 0;

    /// <summary>Creates a context; the caller checks <see cref="IsInvalid"/>.</summary>
    public static ContextHandle Create(ModelHandle model, in LlamaContextParams parameters)
    {
        bool referenced = false;
        model.DangerousAddRef(ref referenced);
        ContextHandle context = LlamaApi.InitFromModel(model, parameters);
        if (context.IsInvalid)
        {
            model.DangerousRelease();
        }
        else
        {
            context._model = model;
        }

        return context;
    }

    protected override bool ReleaseHandle()
    {
        LlamaApi.ContextFree(handle);
        _model?.DangerousRelease();
        return true;
    }
}
