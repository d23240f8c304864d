using System.Text.Json;
using AgentKit.Training.Runs;

namespace AgentKit.Training.Rollouts;

/// <summary>A round of a run as a JSON file, complete whenever it is there.</summary>
internal static class RoundFile
{
    /// <exception cref="TrainingException">It cannot be written.</exception>
    public static void Write(string path, RolloutRound round)
    {
        try
        {
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, round, RunsJsonContext.Default.RolloutRound));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path} cannot be written: {e.Message.TrimEnd('.')}; make room and go on with --resume.", e);
        }
    }

    /// <exception cref="TrainingException">It is not there, or cannot be read.</exception>
    public static RolloutRound Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, RunsJsonContext.Default.RolloutRound)!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TrainingException(
                $"{path} cannot be read: {e.Message.TrimEnd('.')}; the run stopped within this round and can go on only with its answers. "
                + "Put the file back, delete the newest checkpoint to go on from the one before, or begin a new run in another folder.", e);
        }
    }
}
