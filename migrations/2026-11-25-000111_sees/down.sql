drop function sees;
