using AgentKit.Kernel.Errors;

namespace AgentKit.Memory.Knowledge.Store;

/// <summary>One writer of a knowledge file at a time, also across processes: a locked file beside it, which the system unlocks when its owner dies.</summary>
internal sealed class WriteLock : IDisposable
{
    private readonly FileStream _file;

    private WriteLock(FileStream file) => _file = file;

    /// <exception cref="UserInputException">Another one has it.</exception>
    public static WriteLock Take(string path)
    {
        try
        {
            return new WriteLock(new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new UserInputException(path, $"Another process is changing {path}; try again when it is done.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
