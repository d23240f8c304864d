using AgentKit.Models.Native;

namespace AgentKit.Models.Engine;

/// <summary>A LoRA adapter in memory. Freed by the engine's owner thread when it has been unloaded and the last request that uses it has ended.</summary>
/// <param name="native">llama.cpp's adapter.</param>
internal sealed class LoadedAdapter(nint native)
{
    private int _users;
    private bool _unloaded;

    public nint Native { get; private set; } = native;

    public bool IsFreed => Native == 0;

    public void AddUser() => _users++;

    /// <summary><c>true</c>: nobody needs it any more.</summary>
    public bool RemoveUser() => --_users == 0 && _unloaded;

    /// <summary><c>true</c>: nobody needs it any more.</summary>
    public bool Unload()
    {
        _unloaded = true;
        return _users == 0;
    }

    public void Free()
    {
        LlamaApi.AdapterFree(Native);
        Native = 0;
    }
}
